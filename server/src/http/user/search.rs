//! `GET /v1/user?q=…` and `GET /v1/user?near=…`

use crate::app::{App, Backend};
use crate::auth::AccountCaller;
use crate::http::{HttpProblem, Json, Query};
use crate::store::{AccountStore as _, Near, SearchAccounts, SearchPosition};
use axum::extract::State;
use sotto_protocol::rest::user::{SearchUsers, UsersFound};
use sotto_protocol::{CoarseLocation, limits};

/// Results of a search that does not say how many.
const LIMIT: u16 = 20;
/// How far a search near a place, of people and of communities, goes that does not say how far.
pub(crate) const WITHIN_KM: u16 = 50;

/// Listed accounts that a text fits, or that are near a place, or both. Where the caller is, or says that it is, is kept nowhere.
pub(crate) async fn search<B: Backend>(
    State(app): State<App<B>>,
    _: AccountCaller,
    Query(query): Query<SearchUsers>,
) -> Result<Json<UsersFound>, HttpProblem> {
    let found = app.accounts.search_accounts(wanted(query)?).await?;
    Ok(Json(UsersFound {
        users: found.accounts,
        next: found.next.map(|position| position.to_string()),
    }))
}

fn wanted(query: SearchUsers) -> Result<SearchAccounts, HttpProblem> {
    let SearchUsers {
        q,
        near,
        within_km,
        limit,
        after,
    } = query;
    if let Some(text) = &q
        && !(1..=limits::SEARCH_QUERY_BYTES).contains(&text.len())
    {
        return Err(HttpProblem::invalid_request(format!(
            "q: 1 to {} bytes",
            limits::SEARCH_QUERY_BYTES
        )));
    }
    let near = match (near, within_km) {
        (Some(place), within_km) => Some(near_to(&place, within_km.unwrap_or(WITHIN_KM))?),
        (None, Some(_)) => return Err(HttpProblem::invalid_request("within_km: of a place, in `near`")),
        (None, None) => None,
    };
    if q.is_none() && near.is_none() {
        return Err(HttpProblem::invalid_request("q or near: one of them at least"));
    }
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let after: Option<SearchPosition> = after
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| HttpProblem::invalid_request("after: not the `next` of a page"))?;
    if after
        .as_ref()
        .is_some_and(|after| after.is_distant() != near.is_some())
    {
        return Err(HttpProblem::invalid_request(
            "after: the `next` of another search",
        ));
    }
    Ok(SearchAccounts {
        text: q,
        near,
        limit: limit.unwrap_or(LIMIT).min(limits::SEARCH_RESULTS),
        after,
    })
}

/// Around a place that somebody has written.
pub(crate) fn near_to(place: &str, within_km: u16) -> Result<Near, HttpProblem> {
    let location = place
        .parse()
        .map_err(|error| HttpProblem::invalid_request(format!("near: {error}")))?;
    if (CoarseLocation::LEAST_KM..=limits::WITHIN_KM).contains(&within_km) {
        Ok(Near { location, within_km })
    } else {
        Err(HttpProblem::invalid_request(format!(
            "within_km: {} to {}",
            CoarseLocation::LEAST_KM,
            limits::WITHIN_KM
        )))
    }
}
