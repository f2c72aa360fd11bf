//! `GET /v1/community?q=…&topic=…&near=…`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::user::search::{WITHIN_KM, near_to};
use crate::http::{HttpProblem, Json, Query};
use crate::store::{self, CommunityPosition, CommunityStore as _};
use axum::extract::State;
use sotto_protocol::limits;
use sotto_protocol::rest::community::{CommunitiesFound, SearchCommunities};

/// Results of a search that does not say how many.
const LIMIT: u16 = 20;

/// Communities to which all applies that is given. Where the caller is, or says that it is, is kept nowhere.
pub(crate) async fn search<B: Backend>(
    State(app): State<App<B>>,
    _: Caller,
    Query(query): Query<SearchCommunities>,
) -> Result<Json<CommunitiesFound>, HttpProblem> {
    let found = app.accounts.search_communities(wanted(query)?).await?;
    Ok(Json(CommunitiesFound {
        communities: found.communities,
        next: found.next.map(|position| position.to_string()),
    }))
}

fn wanted(query: SearchCommunities) -> Result<store::SearchCommunities, HttpProblem> {
    let SearchCommunities {
        q,
        topic,
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
    // One that the server does not offer any more may still be some community's.
    if let Some(topic) = &topic
        && (!(1..=limits::TOPIC_BYTES).contains(&topic.len()) || topic.chars().any(char::is_control))
    {
        return Err(HttpProblem::invalid_request(format!(
            "topic: 1 to {} bytes, in one line",
            limits::TOPIC_BYTES
        )));
    }
    let near = match (near, within_km) {
        (Some(place), within_km) => Some(near_to(&place, within_km.unwrap_or(WITHIN_KM))?),
        (None, Some(_)) => return Err(HttpProblem::invalid_request("within_km: of a place, in `near`")),
        (None, None) => None,
    };
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let after: Option<CommunityPosition> = after
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
    Ok(store::SearchCommunities {
        text: q,
        topic,
        near,
        limit: limit.unwrap_or(LIMIT).min(limits::SEARCH_RESULTS),
        after,
    })
}
