//! `GET /v1/community/joined`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::CommunityMembershipStore as _;
use axum::extract::State;
use sotto_protocol::rest::community::JoinedCommunities;

/// The communities that the caller's account is in.
pub(crate) async fn joined<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<JoinedCommunities>, HttpProblem> {
    let communities = app.accounts.communities_of(caller.address.account).await?;
    Ok(Json(JoinedCommunities { communities }))
}
