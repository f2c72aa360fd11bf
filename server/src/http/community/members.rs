//! `GET /v1/community/{id}/member`, `PUT …/member/{account}/role` and `DELETE …/member/{account}`

use super::role_in;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path, PathPair, Query, Revalidated};
use crate::store::{CommunityMembershipStore as _, ReadMembers};
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use sotto_protocol::rest::community::{CommunityMembers, ReadCommunityMembers, SetCommunityRole};
use sotto_protocol::{AccountId, CommunityId, limits};

/// Members of a page that does not say how many.
const LIMIT: u16 = 50;

/// Who is in a community, for its members: what somebody is interested in is not for everyone to collect.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
    Query(ReadCommunityMembers { limit, after }): Query<ReadCommunityMembers>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let after = after
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| HttpProblem::invalid_request("after: not the `next` of a page"))?;
    role_in(&app, community, caller.address.account).await?;
    let page = ReadMembers {
        limit: limit.unwrap_or(LIMIT).min(limits::COMMUNITY_MEMBERS_READ),
        after,
    };
    let found = app.accounts.community_members(community, page).await?;
    let page = CommunityMembers {
        members: found.members,
        next: found.next.map(|position| position.to_string()),
    };
    Ok(Revalidated::json(&page)?.unstored().answer(&headers))
}

/// Makes a member a moderator or takes that back, or hands the community over, for its founder.
pub(crate) async fn set_role<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    PathPair(community, account): PathPair<CommunityId, AccountId>,
    Json(SetCommunityRole { role }): Json<SetCommunityRole>,
) -> Result<StatusCode, HttpProblem> {
    let by = caller.address.account;
    app.accounts
        .set_community_role(community, by, account, role)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a member out of a community, for those who are more there.
pub(crate) async fn remove<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    PathPair(community, account): PathPair<CommunityId, AccountId>,
) -> Result<StatusCode, HttpProblem> {
    let by = caller.address.account;
    app.accounts
        .remove_community_member(community, by, account)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
