//! `GET /v1/group/{id}/request`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::delivery::GroupOf;
use crate::http::{HttpProblem, Json, Path};
use crate::store::GroupStore as _;
use axum::extract::State;
use sotto_protocol::rest::group::JoinRequests;
use sotto_protocol::{ChatId, ProblemCode};

/// Who asks to be let into a group, for its members.
pub(crate) async fn requests<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(group): Path<ChatId>,
) -> Result<Json<JoinRequests>, HttpProblem> {
    let GroupOf { members, role, .. } = app.delivery.group_of(caller.address, group).await?;
    if role.is_none() {
        return Err(ProblemCode::ChatNotFound.into());
    }
    let mut requests = app.accounts.join_requests(group).await?;
    // Whoever has come in by a Commit that was accepted just now asks no more.
    requests.retain(|request| !members.contains(&request.account));
    Ok(Json(JoinRequests { requests }))
}
