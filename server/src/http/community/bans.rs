//! `GET /v1/community/{id}/ban`; `PUT` and `DELETE` of `/v1/community/{id}/ban/{account}`

use super::role_in;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path, PathPair};
use crate::store::CommunityMembershipStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::community::{CommunityBans, CommunityRole};
use sotto_protocol::{AccountId, CommunityId, ProblemCode};

/// Who is banned from a community, for its founder and its moderators.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<Json<CommunityBans>, HttpProblem> {
    let role = role_in(&app, community, caller.address.account).await?;
    if role < CommunityRole::Moderator {
        return Err(ProblemCode::Forbidden.into());
    }
    let bans = app.accounts.community_bans(community).await?;
    Ok(Json(CommunityBans { bans }))
}

/// Takes an account out of a community and lets it in no more, for those who are more there.
pub(crate) async fn ban<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    PathPair(community, account): PathPair<CommunityId, AccountId>,
) -> Result<StatusCode, HttpProblem> {
    let by = caller.address.account;
    app.accounts
        .ban_from_community(community, by, account, app.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets an account into a community again, if it wants.
pub(crate) async fn unban<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    PathPair(community, account): PathPair<CommunityId, AccountId>,
) -> Result<StatusCode, HttpProblem> {
    let by = caller.address.account;
    app.accounts.unban_from_community(community, by, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
