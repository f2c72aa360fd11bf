//! `DELETE /v1/group/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Path};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::ChatId;

/// Deletes a group with all that is in it, for its owner. Its id is given to nobody again.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(group): Path<ChatId>,
) -> Result<StatusCode, HttpProblem> {
    app.delivery.delete_group(caller.address, group).await?;
    tracing::info!(?group, "a group was deleted");
    Ok(StatusCode::NO_CONTENT)
}
