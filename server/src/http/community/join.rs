//! `POST /v1/community/{id}/join` and `POST /v1/community/{id}/leave`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::CommunityMembershipStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::CommunityId;
use sotto_protocol::rest::community::Community;

/// Takes the caller's account into a community. Whoever is in it has joined already.
pub(crate) async fn join<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<Json<Community>, HttpProblem> {
    let account = caller.address.account;
    let joined = app.accounts.join_community(community, account, app.now()).await?;
    Ok(Json(joined))
}

/// Takes the caller's account out of a community. Whoever is not in it has left it already.
pub(crate) async fn leave<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<StatusCode, HttpProblem> {
    app.accounts
        .leave_community(community, caller.address.account)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
