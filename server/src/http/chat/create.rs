//! `PUT /v1/chat/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::ChatId;
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};

/// Creates a direct chat.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(request): Json<CreateDirectChat>,
) -> Result<(StatusCode, Json<ChatCreated>), HttpProblem> {
    let created = app
        .delivery
        .create_direct_chat(caller.address, chat, request)
        .await?;
    Ok((StatusCode::CREATED, Json(created)))
}
