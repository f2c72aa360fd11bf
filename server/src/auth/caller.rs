//! Who is calling: extractors for handlers.

use super::{Grant, LoginMeans, TokenError};
use crate::app::{App, Backend};
use crate::http::HttpProblem;
use crate::limit::EndpointClass;
use crate::store::SessionId;
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sotto_protocol::{AccountId, DeviceAddress, ProblemCode};

/// A device with a session that is alive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// The device.
    pub(crate) address: DeviceAddress,
    /// Its session.
    pub(crate) session: SessionId,
}

/// An account that has just logged in and may enrol a device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnrollingAccount(pub(crate) AccountId);

/// An account whose owner has just shown to be that, by its password, its recovery code or a passkey, and may set another password, add a
/// passkey, or delete it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProvenOwner(pub(crate) AccountId);

impl Caller {
    /// The device that this token is of, if its session is alive.
    pub(crate) async fn of_token<B: Backend>(app: &App<B>, token: &str) -> Result<Self, HttpProblem> {
        let (address, session) = match check(app, token)? {
            Grant::Device { address, session } => (address, session),
            Grant::Enrolment { .. } => return Err(ProblemCode::Forbidden.into()),
        };
        let caller = Self { address, session };
        caller.check_session(app).await?;
        Ok(caller)
    }

    /// Fails if the session has ended.
    pub(crate) async fn check_session<B: Backend>(self, app: &App<B>) -> Result<(), HttpProblem> {
        let alive = app
            .live_sessions
            .is_alive(&app.accounts, self.address.device, self.session, app.now())
            .await?;
        if alive {
            Ok(())
        } else {
            Err(ProblemCode::SessionEnded.into())
        }
    }
}

impl<B: Backend> FromRequestParts<App<B>> for Caller {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App<B>) -> Result<Self, HttpProblem> {
        let token = bearer_token(&parts.headers).ok_or(ProblemCode::Unauthenticated)?;
        let caller = Self::of_token(app, token).await?;
        let class = parts.extensions.get::<EndpointClass>().copied();
        app.limits
            .of_device(caller.address, class.unwrap_or(EndpointClass::Other))?;
        Ok(caller)
    }
}

impl<B: Backend> FromRequestParts<App<B>> for EnrollingAccount {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App<B>) -> Result<Self, HttpProblem> {
        match check(
            app,
            bearer_token(&parts.headers).ok_or(ProblemCode::Unauthenticated)?,
        )? {
            Grant::Enrolment { account, .. } => Ok(Self(account)),
            Grant::Device { .. } => Err(ProblemCode::Forbidden.into()),
        }
    }
}

impl<B: Backend> FromRequestParts<App<B>> for ProvenOwner {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App<B>) -> Result<Self, HttpProblem> {
        match check(
            app,
            bearer_token(&parts.headers).ok_or(ProblemCode::Unauthenticated)?,
        )? {
            Grant::Enrolment {
                account,
                by: LoginMeans::Password | LoginMeans::RecoveryCode | LoginMeans::Passkey,
            } => Ok(Self(account)),
            Grant::Enrolment {
                by: LoginMeans::DeviceLink,
                ..
            }
            | Grant::Device { .. } => Err(ProblemCode::Forbidden.into()),
        }
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1).
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn check<B: Backend>(app: &App<B>, token: &str) -> Result<Grant, ProblemCode> {
    app.auth.access_tokens.check(token).map_err(|error| match error {
        TokenError::Invalid => ProblemCode::Unauthenticated,
        TokenError::Expired => ProblemCode::TokenExpired,
    })
}
