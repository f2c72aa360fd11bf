//! `GET /v1/group?q=…`

use crate::app::{App, Backend};
use crate::auth::AccountCaller;
use crate::http::{HttpProblem, Json, Query};
use crate::store::{self, GroupStore as _};
use axum::extract::State;
use sotto_protocol::rest::group::{FoundGroup, GroupsFound, SearchGroups};
use sotto_protocol::{ChatId, limits};

/// Results of a search that does not say how many.
const LIMIT: u16 = 20;

/// Listed groups whose title or description contains a text.
pub(crate) async fn search<B: Backend>(
    State(app): State<App<B>>,
    _: AccountCaller,
    Query(SearchGroups { q, limit, after }): Query<SearchGroups>,
) -> Result<Json<GroupsFound>, HttpProblem> {
    if q.len() > limits::SEARCH_QUERY_BYTES {
        return Err(HttpProblem::invalid_request(format!(
            "q: at most {} bytes",
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
        .search_groups(store::SearchGroups {
            text: q,
            limit: limit.unwrap_or(LIMIT).min(limits::SEARCH_RESULTS),
            after,
        })
        .await?;
    let ids: Vec<ChatId> = found.profiles.iter().map(|found| found.group).collect();
    let mut standings = app.delivery.group_standings(&ids).await?;
    // A page may have fewer: the log shard knows who is listed, and a profile may still be here that is to go.
    let groups = found.profiles.into_iter().filter_map(|found| {
        let standing = standings.remove(&found.group)?;
        standing.rules.is_listed.then_some(FoundGroup {
            group: found.group,
            group_key: standing.rules.group_key,
            profile: found.profile,
            join_policy: standing.rules.join_policy,
            members: standing.members,
        })
    });
    Ok(Json(GroupsFound {
        groups: groups.collect(),
        next: found.next.map(|position| position.to_string()),
    }))
}
