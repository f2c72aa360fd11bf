//! `PUT /v1/group/{id}/request`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::delivery::GroupOf;
use crate::http::{HttpProblem, Json, Path};
use crate::store::{Asked, GroupStore as _, NewJoinRequest};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::chat_rules::JoinPolicy;
use sotto_protocol::message_header::key_package_suite;
use sotto_protocol::rest::group::AskToJoin;
use sotto_protocol::{ChatId, ProblemCode, limits};

/// Asks to be let into a group.
pub(crate) async fn ask<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(group): Path<ChatId>,
    Json(AskToJoin { key_package }): Json<AskToJoin>,
) -> Result<StatusCode, HttpProblem> {
    if key_package.0.len() > limits::KEY_PACKAGE_BYTES {
        return Err(ProblemCode::TooLarge.into());
    }
    let suite = key_package_suite(key_package.as_slice()).map_err(|_| ProblemCode::MalformedMessage)?;
    let account = caller.address.account;
    let GroupOf { standing, role, .. } = app.delivery.group_of(caller.address, group).await?;
    match standing.rules.join_policy {
        JoinPolicy::Approval { .. } | JoinPolicy::Invite { .. } => {}
        JoinPolicy::Open => return Err(HttpProblem::invalid_request("The group is open: join it.")),
    }
    if role.is_some() || standing.rules.banned.contains(&account) {
        return Err(ProblemCode::MembershipRefused.into());
    }
    if !app.delivery.may_ask(&standing.rules, account).await? {
        return Err(ProblemCode::NotInCommunity.into());
    }
    if suite != standing.suite {
        return Err(ProblemCode::MalformedMessage.into());
    }
    let asked = app
        .accounts
        .ask_to_join(NewJoinRequest {
            group,
            account,
            key_package: key_package.0,
            at: app.now(),
        })
        .await?;
    match asked {
        Asked::Waiting => {}
        Asked::TooMany => return Err(ProblemCode::TooManyRequests.into()),
        Asked::NotFound => return Err(ProblemCode::GroupNotFound.into()),
    }
    app.delivery.join_requests_changed(group).await;
    Ok(StatusCode::NO_CONTENT)
}
