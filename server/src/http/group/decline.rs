//! `DELETE /v1/group/{id}/request/{account}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::delivery::GroupOf;
use crate::http::{HttpProblem, PathPair};
use crate::store::GroupStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::chat_rules::{Approvers, GroupRules, JoinPolicy, Role};
use sotto_protocol::{AccountId, ChatId, ProblemCode};

/// Withdraws one's own request to be let into a group, or declines another's.
pub(crate) async fn decline<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    PathPair(group, account): PathPair<ChatId, AccountId>,
) -> Result<StatusCode, HttpProblem> {
    let GroupOf { standing, role, .. } = app.delivery.group_of(caller.address, group).await?;
    let is_own = account == caller.address.account;
    if !is_own {
        let role = role.ok_or(ProblemCode::ChatNotFound)?;
        if !may_decline(&standing.rules, role) {
            return Err(ProblemCode::Forbidden.into());
        }
    }
    if !app.accounts.forget_join_requests(group, &[account]).await? {
        return Err(ProblemCode::RequestNotFound.into());
    }
    app.delivery.join_requests_changed(group).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever may let in may decline.
fn may_decline(rules: &GroupRules, role: Role) -> bool {
    let members_approve = match rules.join_policy {
        JoinPolicy::Approval { by } => match by {
            Approvers::AnyMember | Approvers::Members(_) => true,
            Approvers::AnyAdmin => false,
        },
        JoinPolicy::Invite { .. } | JoinPolicy::Open => false,
    };
    members_approve || role >= Role::Admin
}
