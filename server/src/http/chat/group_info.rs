//! `GET /v1/chat/{id}/group-info`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use sotto_protocol::ChatId;
use sotto_protocol::rest::chat::GroupInfo;

/// What a device of a member account needs to join by external Commit.
pub(crate) async fn group_info<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
) -> Result<Json<GroupInfo>, HttpProblem> {
    Ok(Json(app.delivery.group_info(caller.address, chat).await?))
}
