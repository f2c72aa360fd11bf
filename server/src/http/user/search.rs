//! `GET /v1/user?q=…`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Query};
use crate::store::{AccountStore as _, SearchAccounts};
use axum::extract::State;
use sotto_protocol::limits;
use sotto_protocol::rest::user::{SearchUsers, UsersFound};

/// Results of a search that does not say how many.
const LIMIT: u16 = 20;

/// Accounts whose name or display name begins with or contains a text.
pub(crate) async fn search<B: Backend>(
    State(app): State<App<B>>,
    _: Caller,
    Query(SearchUsers { q, limit, after }): Query<SearchUsers>,
) -> Result<Json<UsersFound>, HttpProblem> {
    if !(1..=limits::SEARCH_QUERY_BYTES).contains(&q.len()) {
        return Err(HttpProblem::invalid_request(format!(
            "q: 1 to {} bytes",
            limits::SEARCH_QUERY_BYTES
        )));
    }
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let after = after
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| HttpProblem::invalid_request("after: not the `next` of a page"))?;
    let found = app
        .accounts
        .search_accounts(SearchAccounts {
            text: q,
            limit: limit.unwrap_or(LIMIT).min(limits::SEARCH_RESULTS),
            after,
        })
        .await?;
    Ok(Json(UsersFound {
        users: found.accounts,
        next: found.next.map(|position| position.to_string()),
    }))
}
