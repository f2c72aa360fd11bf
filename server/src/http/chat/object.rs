//! `POST /v1/chat/{id}/objection`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use sotto_protocol::ChatId;
use sotto_protocol::rest::chat::{Object, Objected};

/// Objects to a Commit that the calling device cannot accept.
pub(crate) async fn object<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(Object { seq }): Json<Object>,
) -> Result<Json<Objected>, HttpProblem> {
    let outcome = app.delivery.object(caller.address, chat, seq).await?;
    Ok(Json(Objected { outcome }))
}
