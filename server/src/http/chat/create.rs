//! `PUT /v1/chat/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::membership::are_enrolled;
use crate::store::AccountStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};
use sotto_protocol::{ChatId, ProblemCode};

/// Creates a direct chat.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(request): Json<CreateDirectChat>,
) -> Result<(StatusCode, Json<ChatCreated>), HttpProblem> {
    if !are_enrolled(&app.accounts, &request.added).await? {
        return Err(match app.accounts.account(request.with).await? {
            Some(_) => ProblemCode::MembershipRefused.into(),
            None => ProblemCode::UserNotFound.into(),
        });
    }
    let created = app
        .delivery
        .create_direct_chat(caller.address, chat, request)
        .await?;
    Ok((StatusCode::CREATED, Json(created)))
}
