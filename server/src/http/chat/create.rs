//! `PUT /v1/chat/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path, party};
use crate::membership::are_enrolled;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::chat_rules::DirectRules;
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};
use sotto_protocol::{ChatId, ChatRules, ProblemCode};

/// Creates a direct chat, or notes to oneself.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(request): Json<CreateDirectChat>,
) -> Result<(StatusCode, Json<ChatCreated>), HttpProblem> {
    let own = party(&app, caller.address.account).await?;
    let rules = if request.with == own.account {
        ChatRules::Notes(own)
    } else {
        let other = party(&app, request.with).await?;
        // Another account with the same identity key is somebody's copy of it.
        ChatRules::Direct(DirectRules::new(own, other).map_err(|_| ProblemCode::MembershipRefused)?)
    };
    if !are_enrolled(&app.accounts, &request.added).await? {
        return Err(ProblemCode::MembershipRefused.into());
    }
    let created = app
        .delivery
        .create_direct_chat(caller.address, chat, request, rules)
        .await?;
    Ok((StatusCode::CREATED, Json(created)))
}
