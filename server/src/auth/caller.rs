//! Who is calling: extractors for handlers.

use super::{Grant, LoginMeans, SessionStanding, TokenError};
use crate::app::{App, Backend};
use crate::http::HttpProblem;
use crate::limit::EndpointClass;
use crate::oidc::{OidcError, OpenIdProvider};
use crate::store::{BanStore as _, OidcStore as _, SessionId};
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sotto_protocol::{AccountId, DeviceAddress, Problem, ProblemCode};

/// A device with a session that is alive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// The device.
    pub(crate) address: DeviceAddress,
    /// Its session.
    pub(crate) session: SessionId,
    /// Whether its account is a bot.
    pub(crate) is_bot: bool,
}

/// An account that calls: one of its devices, or whoever has an access token of the OpenID provider that names who is linked with it. Without a
/// device there are no keys, and so it is for what is public in any case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountCaller(pub(crate) AccountId);

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
        let is_bot = check_session(app, address, session).await?;
        Ok(Self {
            address,
            session,
            is_bot,
        })
    }

    /// Fails if the session has ended, or its account is banned.
    pub(crate) async fn check_session<B: Backend>(self, app: &App<B>) -> Result<(), HttpProblem> {
        check_session(app, self.address, self.session).await.map(drop)
    }
}

/// Fails if the session has ended, or its account is banned. Returns whether that is a bot.
async fn check_session<B: Backend>(
    app: &App<B>,
    address: DeviceAddress,
    session: SessionId,
) -> Result<bool, HttpProblem> {
    let standing = app
        .live_sessions
        .standing(&app.accounts, address, session, app.now())
        .await?;
    match standing {
        SessionStanding::Alive { is_bot } => Ok(is_bot),
        SessionStanding::Ended => Err(ProblemCode::SessionEnded.into()),
        SessionStanding::Banned(ban) => Err(Problem::new(ProblemCode::Banned).with_ban(ban).into()),
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

impl<B: Backend> FromRequestParts<App<B>> for AccountCaller {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App<B>) -> Result<Self, HttpProblem> {
        let token = bearer_token(&parts.headers).ok_or(ProblemCode::Unauthenticated)?;
        let provider = app.oidc.as_ref().filter(|provider| provider.gives_access());
        // One of ours is never the provider's, however it came to be refused.
        let Some(provider) = provider.filter(|_| check(app, token) == Err(ProblemCode::Unauthenticated))
        else {
            let caller = Caller::from_request_parts(parts, app).await?;
            return Ok(Self(caller.address.account));
        };
        let account = linked_account(app, provider, token).await?;
        let class = parts.extensions.get::<EndpointClass>().copied();
        app.limits
            .of_account(account, class.unwrap_or(EndpointClass::Other))?;
        Ok(Self(account))
    }
}

/// The account that is linked with whom an access token of the provider is of.
async fn linked_account<B: Backend>(
    app: &App<B>,
    provider: &OpenIdProvider,
    token: &str,
) -> Result<AccountId, HttpProblem> {
    let subject = provider.subject_of(token).await.map_err(|error| match error {
        OidcError::Unavailable => ProblemCode::Unavailable,
        OidcError::Expired => ProblemCode::TokenExpired,
        OidcError::Refused(reason) => {
            tracing::debug!(reason, "an access token was refused");
            ProblemCode::Unauthenticated
        }
    })?;
    let known = app.accounts.oidc_subject(subject).await?;
    let account = known
        .and_then(|known| known.account)
        .ok_or(ProblemCode::Forbidden)?;
    refuse_banned(app, account).await?;
    Ok(account)
}

impl<B: Backend> FromRequestParts<App<B>> for EnrollingAccount {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App<B>) -> Result<Self, HttpProblem> {
        match check(
            app,
            bearer_token(&parts.headers).ok_or(ProblemCode::Unauthenticated)?,
        )? {
            Grant::Enrolment { account, .. } => {
                refuse_banned(app, account).await?;
                Ok(Self(account))
            }
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
            } => {
                refuse_banned(app, account).await?;
                Ok(Self(account))
            }
            Grant::Enrolment {
                by: LoginMeans::DeviceLink,
                ..
            }
            | Grant::Device { .. } => Err(ProblemCode::Forbidden.into()),
        }
    }
}

/// Fails if the account is banned. For who has shown to be its owner: nobody else is told.
pub(crate) async fn refuse_banned<B: Backend>(app: &App<B>, account: AccountId) -> Result<(), HttpProblem> {
    match app.accounts.ban_of(account, app.now()).await? {
        None => Ok(()),
        Some(ban) => Err(Problem::new(ProblemCode::Banned).with_ban(ban).into()),
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
