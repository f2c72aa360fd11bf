//! `GET /v1/archive/{id}`

use super::archive;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::ArchiveStore as _;
use axum::extract::State;
use sotto_protocol::rest::archive::Archive;
use sotto_protocol::{ChatId, ProblemCode};

/// The caller's account's archive of a chat.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
) -> Result<Json<Archive>, HttpProblem> {
    let stored = app.accounts.archive(caller.address.account, chat).await?;
    Ok(Json(archive(stored.ok_or(ProblemCode::ArchiveNotFound)?)))
}
