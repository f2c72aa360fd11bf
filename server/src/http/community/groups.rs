//! `GET /v1/community/{id}/group`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::group::listed;
use crate::http::{HttpProblem, Path, Query, Revalidated};
use crate::store::{BroadcastStore as _, CommunityGroupStore as _};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::rest::community::ReadCommunityGroups;
use sotto_protocol::rest::group::GroupsFound;
use sotto_protocol::{CommunityId, ProblemCode, limits};

/// Groups of a page that does not say how many.
const LIMIT: u16 = 20;

/// The listed groups of a community, for anyone who has an account: they are found by search, too.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    _: Caller,
    Path(community): Path<CommunityId>,
    Query(ReadCommunityGroups { limit, after }): Query<ReadCommunityGroups>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    if !app.accounts.is_community(community).await? {
        return Err(ProblemCode::CommunityNotFound.into());
    }
    let limit = limit.unwrap_or(LIMIT).min(limits::SEARCH_RESULTS);
    let ids = app.accounts.community_groups(community, after, limit).await?;
    let is_last_page = ids.len() < usize::from(limit);
    let next = ids.last().filter(|_| !is_last_page).map(ToString::to_string);
    // A page may have fewer: those that are not listed are for those who know of them, and the broadcast has a place of its own.
    let broadcast = app.accounts.broadcast(Some(community)).await?;
    let mut groups = listed(&app, &ids).await?;
    groups.retain(|found| Some(found.group) != broadcast);
    Ok(Revalidated::json(&GroupsFound { groups, next })?
        .private()
        .answer(&headers))
}
