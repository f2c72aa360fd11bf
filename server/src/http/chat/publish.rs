//! `POST /v1/chat/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use sotto_protocol::ChatId;
use sotto_protocol::rest::chat::{Publish, Published};

/// Puts an application message into a chat, as the frame `Send` does.
pub(crate) async fn publish<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(request): Json<Publish>,
) -> Result<Json<Published>, HttpProblem> {
    Ok(Json(app.delivery.publish(caller.address, chat, request).await?))
}
