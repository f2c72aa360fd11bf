//! `DELETE /v1/archive/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Path};
use crate::store::ArchiveStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::{ChatId, ProblemCode};

/// Deletes the caller's account's archive of a chat.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
) -> Result<StatusCode, HttpProblem> {
    if app.accounts.delete_archive(caller.address.account, chat).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ProblemCode::ArchiveNotFound.into())
    }
}
