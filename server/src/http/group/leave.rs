//! `POST /v1/group/{id}/leave`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::ChatId;
use sotto_protocol::rest::group::LeaveGroup;

/// Takes the caller's account out of a group. Whoever is not in it has left it already.
pub(crate) async fn leave<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(group): Path<ChatId>,
    Json(LeaveGroup { epoch }): Json<LeaveGroup>,
) -> Result<StatusCode, HttpProblem> {
    app.delivery
        .leave_group(caller.address.account, group, epoch)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
