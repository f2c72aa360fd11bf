//! `/v1/auth/…`

pub(super) mod bot;
pub(super) mod captcha;
pub(super) mod finish_device_link;
pub(super) mod finish_login;
pub(super) mod finish_passkey;
pub(super) mod finish_recovery;
pub(super) mod logout;
pub(super) mod logout_everywhere;
pub(super) mod offer_device_link;
pub(super) mod password;
pub(super) mod refresh;
pub(super) mod start_device_link;
pub(super) mod start_login;
pub(super) mod start_passkey;
pub(super) mod start_recovery;
pub(super) mod start_registration;

use super::HttpProblem;
use crate::app::{App, Backend};
use crate::auth::{Grant, LoginMeans};
use crate::telemetry::metrics::{LoginOutcome, METRICS};
use sotto_protocol::rest::auth::{LoggedIn, Token};
use sotto_protocol::{AccountId, ProblemCode};

/// Milliseconds in which a login has to be finished.
const LOGIN_MILLIS: u64 = 60_000;

/// Counts what became of a login, by whatever means.
fn counted(logged_in: Result<LoggedIn, HttpProblem>) -> Result<LoggedIn, HttpProblem> {
    let outcome = match logged_in.as_ref().map_err(HttpProblem::code) {
        Ok(_) => Some(LoginOutcome::Succeeded),
        Err(ProblemCode::WrongCredentials | ProblemCode::DeviceLinkRefused | ProblemCode::PasskeyRefused) => {
            Some(LoginOutcome::WrongCredentials)
        }
        Err(ProblemCode::LoginExpired) => Some(LoginOutcome::Expired),
        Err(ProblemCode::Banned) => Some(LoginOutcome::Banned),
        // The server failed: that says nothing of the login, and is counted elsewhere.
        Err(_) => None,
    };
    if let Some(outcome) = outcome {
        METRICS.logins.of(outcome).increment();
    }
    logged_in
}

/// What lets a device enrol that has logged in by these means.
fn enrolment_token<B: Backend>(
    app: &App<B>,
    account: AccountId,
    by: LoginMeans,
) -> Result<Token, HttpProblem> {
    app.auth
        .access_tokens
        .issue(Grant::Enrolment { account, by })
        .map_err(|error| HttpProblem::internal(&error))
}
