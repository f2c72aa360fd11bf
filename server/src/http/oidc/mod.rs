//! `/v1/auth/oidc/…`: logins at an OpenID provider, and which account is linked with one.

pub(super) mod finish;
pub(super) mod link;
pub(super) mod read;
pub(super) mod start;
pub(super) mod unlink;

use super::HttpProblem;
use crate::app::{App, Backend};
use crate::oidc::{OidcError, OidcTicket, OpenIdProvider};
use crate::store::{NewOidcLink, OidcStore as _, OidcSubject};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{AccountId, Binary, ProblemCode};

impl From<OidcError> for HttpProblem {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Unavailable => ProblemCode::OidcUnavailable.into(),
            OidcError::Expired => ProblemCode::OidcRefused.into(),
            OidcError::Refused(reason) => {
                tracing::info!(reason, "what came back from the OpenID provider was refused");
                ProblemCode::OidcRefused.into()
            }
        }
    }
}

/// The provider, if there is one.
pub(super) fn provider<B: Backend>(app: &App<B>) -> Result<&OpenIdProvider, ProblemCode> {
    app.oidc.as_ref().ok_or(ProblemCode::OidcOff)
}

/// Whom a ticket is of.
fn subject<B: Backend>(app: &App<B>, ticket: &Token) -> Result<OidcSubject, ProblemCode> {
    provider(app)?;
    let sealed: Binary =
        serde_json::from_value(ticket.reveal().into()).map_err(|_| ProblemCode::OidcExpired)?;
    let ticket: OidcTicket = app
        .auth
        .login_states
        .open(sealed.as_slice(), app.now())
        .map_err(|_| ProblemCode::OidcExpired)?;
    Ok(OidcSubject(ticket.subject))
}

/// Whether the provider stands in the place of an invite for this subject: once, and nobody else's account.
async fn may_register<B: Backend>(
    app: &App<B>,
    provider: &OpenIdProvider,
    subject: OidcSubject,
) -> Result<bool, HttpProblem> {
    let known = app.accounts.oidc_subject(subject).await?;
    let is_new = known.is_none_or(|known| known.account.is_none() && !known.has_registered);
    Ok(provider.registers() && is_new)
}

/// The link that a registration begins with, if it shows a ticket.
pub(super) async fn new_link<B: Backend>(
    app: &App<B>,
    ticket: Option<&Token>,
) -> Result<Option<NewOidcLink>, HttpProblem> {
    let Some(ticket) = ticket else {
        return Ok(None);
    };
    let subject = subject(app, ticket)?;
    let registers = may_register(app, provider(app)?, subject).await?;
    Ok(Some(NewOidcLink { subject, registers }))
}

/// Fails if the account takes a login at the provider, and this is none of its own. For who has shown to be its owner: nobody else is told.
pub(super) async fn check_login<B: Backend>(
    app: &App<B>,
    account: AccountId,
    ticket: Option<&Token>,
) -> Result<(), HttpProblem> {
    let Some(provider) = app.oidc.as_ref().filter(|provider| provider.is_required()) else {
        return Ok(());
    };
    let Some((linked, _)) = app.accounts.oidc_link(account).await? else {
        return Ok(());
    };
    let shown = match ticket {
        Some(ticket) => Some(subject(app, ticket)?),
        None => None,
    };
    if shown == Some(linked) {
        Ok(())
    } else {
        tracing::info!(
            ?account,
            provider = provider.info().name,
            "a login did not begin at the OpenID provider"
        );
        Err(ProblemCode::OidcRequired.into())
    }
}
