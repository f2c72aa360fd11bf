//! `/v1/admin/…`: each handler takes a [`Permitted`], which nobody has without the permission, and what changes something goes through
//! [`administer`], which takes one too.

pub(super) mod accounts;
pub(super) mod audit;
pub(super) mod ban;
pub(super) mod bot;
pub(super) mod community;
pub(super) mod invite;
pub(super) mod report;
pub(super) mod role;
pub(super) mod roles;
pub(super) mod storage;

use super::HttpProblem;
use crate::admin::{ActError, act, take_effect};
use crate::app::{App, Backend};
use crate::auth::{Needed, Permitted};
use crate::store::{NewChange, PerformError};
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::admin::AdminAct;

impl From<PerformError> for HttpProblem {
    fn from(error: PerformError) -> Self {
        match error {
            PerformError::Forbidden => ProblemCode::Forbidden.into(),
            PerformError::Exceeded => ProblemCode::PermissionExceeded.into(),
            PerformError::LastAdministrator => ProblemCode::LastAdministrator.into(),
            PerformError::UserNotFound => ProblemCode::UserNotFound.into(),
            PerformError::RoleNotFound => ProblemCode::RoleNotFound.into(),
            PerformError::RoleInUse => ProblemCode::RoleInUse.into(),
            PerformError::RoleFixed => Self::invalid_request(format!("role: {}", PerformError::RoleFixed)),
            PerformError::InviteNotFound => ProblemCode::InviteNotFound.into(),
            PerformError::ReportNotFound => ProblemCode::ReportNotFound.into(),
            PerformError::GroupNotFound => ProblemCode::ChatNotFound.into(),
            PerformError::CommunityNotFound => ProblemCode::CommunityNotFound.into(),
            PerformError::NameTaken => ProblemCode::NameTaken.into(),
            PerformError::BotNotFound => ProblemCode::BotNotFound.into(),
            PerformError::TooManyBots => ProblemCode::TooManyBots.into(),
            PerformError::TooManyRoles => ProblemCode::TooManyRoles.into(),
            PerformError::TooManyInvites => ProblemCode::TooManyInvites.into(),
            PerformError::Store(error) => error.into(),
        }
    }
}

impl From<ActError> for HttpProblem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Invalid(error) => Self::invalid_request(error.to_string()),
            ActError::Perform(error) => error.into(),
        }
    }
}

/// Does something for who may, writes it down, and lets it take effect. `None` if it is so already.
pub(super) async fn administer<B: Backend, N: Needed>(
    app: &App<B>,
    by: &Permitted<N>,
    change: NewChange,
    reason: String,
) -> Result<Option<AdminAct>, HttpProblem> {
    let done = act(&app.accounts, by.actor(), app.now(), change, reason).await?;
    if let Some(done) = &done {
        tracing::info!(act = done.act, by = ?done.by.as_ref().map(|by| by.account), "somebody administers");
        // It is done: if this fails, every node sees it by itself a moment later.
        if let Err(error) = take_effect(app, done).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what was done takes effect later"
            );
        }
    }
    Ok(done)
}
