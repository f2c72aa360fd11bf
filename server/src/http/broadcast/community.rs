//! `GET`, `PUT` and `DELETE /v1/community/{id}/broadcast`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::{CommunityChange, CommunityGroupStore as _, CommunityStore as _};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::broadcast::{Broadcast, SetBroadcast};
use sotto_protocol::{ChatId, CommunityId, ProblemCode};

/// The broadcast of a community, for anyone who has an account: it is listed, as the community is.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    _: Caller,
    Path(community): Path<CommunityId>,
) -> Result<Json<Broadcast>, HttpProblem> {
    if !app.accounts.is_community(community).await? {
        return Err(ProblemCode::CommunityNotFound.into());
    }
    Ok(Json(super::read(&app, Some(community)).await?))
}

/// Says which group it is from now on, for the founder and the moderators.
pub(crate) async fn set<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
    Json(SetBroadcast { group }): Json<SetBroadcast>,
) -> Result<StatusCode, HttpProblem> {
    super::check(&app, caller.address, group, Some(community)).await?;
    change(&app, &caller, community, Some(group)).await
}

/// Says that there is none any more.
pub(crate) async fn unset<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<StatusCode, HttpProblem> {
    change(&app, &caller, community, None).await
}

async fn change<B: Backend>(
    app: &App<B>,
    caller: &Caller,
    community: CommunityId,
    group: Option<ChatId>,
) -> Result<StatusCode, HttpProblem> {
    let change = CommunityChange::Broadcast(group);
    app.accounts
        .change_community(community, caller.address.account, change)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
