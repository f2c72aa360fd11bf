//! `GET /v1/community/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::CommunityStore as _;
use axum::extract::State;
use sotto_protocol::rest::community::Community;
use sotto_protocol::{CommunityId, ProblemCode};

/// A community, for anyone who has an account.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<Json<Community>, HttpProblem> {
    let read = app.accounts.community(community, caller.address.account).await?;
    Ok(Json(read.ok_or(ProblemCode::CommunityNotFound)?))
}
