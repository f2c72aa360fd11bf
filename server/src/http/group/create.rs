//! `PUT /v1/group/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path, party};
use crate::membership::are_enrolled;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::chat::ChatCreated;
use sotto_protocol::rest::group::CreateGroup;
use sotto_protocol::{ChatId, ProblemCode};

/// Creates a group that the caller's account owns.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(group): Path<ChatId>,
    Json(request): Json<CreateGroup>,
) -> Result<(StatusCode, Json<ChatCreated>), HttpProblem> {
    let founder = party(&app, caller.address.account).await?;
    if !are_enrolled(&app.accounts, &request.added).await? {
        return Err(ProblemCode::MembershipRefused.into());
    }
    let created = app
        .delivery
        .create_group(caller.address, founder, group, request)
        .await?;
    tracing::info!(?group, "a group was created");
    Ok((StatusCode::CREATED, Json(created)))
}
