//! `GET /v1/community/joined`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Revalidated};
use crate::store::CommunityMembershipStore as _;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::rest::community::JoinedCommunities;

/// The communities that the caller's account is in.
pub(crate) async fn joined<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let communities = app.accounts.communities_of(caller.address.account).await?;
    let joined = JoinedCommunities { communities };
    Ok(Revalidated::json(&joined)?.unstored().answer(&headers))
}
