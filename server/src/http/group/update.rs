//! `POST /v1/group/{id}`

use super::read::described;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use axum::extract::State;
use sotto_protocol::ChatId;
use sotto_protocol::rest::group::{Group, UpdateGroup};

/// Replaces the profile of a listed group, for its owner or an admin.
pub(crate) async fn update<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(group): Path<ChatId>,
    Json(UpdateGroup { profile }): Json<UpdateGroup>,
) -> Result<Json<Group>, HttpProblem> {
    app.delivery.update_group(caller.address, group, profile).await?;
    Ok(Json(described(&app, group).await?))
}
