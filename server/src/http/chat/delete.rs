//! `POST /v1/chat/{id}/deletion`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::chat::DeleteEntries;
use sotto_protocol::{ChatId, ProblemCode, limits};

/// Erases messages of the caller's account, or anybody's if that is owner or admin of the group.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(DeleteEntries { entries }): Json<DeleteEntries>,
) -> Result<StatusCode, HttpProblem> {
    if entries.is_empty() {
        return Err(HttpProblem::invalid_request("entries: at least 1"));
    }
    if entries.len() > limits::DELETIONS {
        return Err(ProblemCode::TooLarge.into());
    }
    app.delivery.delete_entries(caller.address, chat, entries).await?;
    Ok(StatusCode::NO_CONTENT)
}
