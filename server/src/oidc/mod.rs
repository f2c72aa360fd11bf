//! Logins at an OpenID provider: the authorization code flow (OpenID Connect Core, section 3.1) with PKCE (RFC 7636), of which the server is the
//! client. What the provider says opens nothing; it says who somebody is.

mod fetch;
mod keys;
mod login;
mod provider;
mod token;

pub use fetch::{FetcherError, UnusableFile};
pub(crate) use login::{OidcLoginState, OidcTicket};

use crate::clock::Clock;
use crate::config;
use crate::config::{is_loopback, secure_url};
use crate::http::chain;
use crate::store::OidcSubject;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fetch::{FetchError, Fetcher, answer};
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use provider::{Knowledge, Provider};
use serde::Deserialize;
use sotto_protocol::rest::oidc::{OidcInfo, REDIRECT_PATH};
use sotto_protocol::{AccountName, binary};
use std::path::Path;
use std::sync::Arc;
use token::{Expected, TokenError};
use zeroize::Zeroizing;

/// Why a login at the provider, or one of its tokens, does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OidcError {
    /// The provider was not reached, or does not answer as it should. The log has said why.
    #[error("the OpenID provider cannot be used")]
    Unavailable,
    /// The token was good once.
    #[error("the token has expired")]
    Expired,
    /// It does not hold. Why is for the log.
    #[error("{0}")]
    Refused(&'static str),
}

/// Who has logged in at the provider.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Who.
    pub(crate) subject: OidcSubject,
    /// What they might be called here.
    pub(crate) suggested_name: Option<AccountName>,
}

/// The provider at which people log in.
pub(crate) struct OpenIdProvider {
    config: config::Oidc,
    secret: Option<Zeroizing<String>>,
    knowledge: Knowledge,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

impl OpenIdProvider {
    /// The provider of the configuration, if it has one. Nobody is asked anything yet: it need not be there when the server starts.
    pub(crate) fn open(config: &config::Oidc, clock: Arc<dyn Clock>) -> Result<Option<Self>, FetcherError> {
        if !config.enabled {
            return Ok(None);
        }
        let secret = config
            .client_secret_file
            .as_ref()
            .map(|path| read_secret(path))
            .transpose()?;
        let fetcher = Fetcher::new(config)?;
        Ok(Some(Self {
            config: config.clone(),
            secret,
            knowledge: Knowledge::new(config, fetcher, Arc::clone(&clock)),
            clock,
        }))
    }

    /// What anyone may know of it.
    pub(crate) fn info(&self) -> OidcInfo {
        OidcInfo {
            name: self.config.name(),
            registration: self.config.registration,
            required: self.config.required,
        }
    }

    /// Whether who is known there registers without an invite.
    pub(crate) const fn registers(&self) -> bool {
        self.config.registration
    }

    /// Whether linked accounts take a login there.
    pub(crate) const fn is_required(&self) -> bool {
        self.config.required
    }

    /// Whether its own access tokens are taken.
    pub(crate) const fn gives_access(&self) -> bool {
        self.config.audience.is_some()
    }

    /// Whether the provider may send people back there.
    pub(crate) fn may_return_to(&self, redirect_uri: &str) -> bool {
        let Some(origin) = redirect_uri.strip_suffix(REDIRECT_PATH) else {
            return false;
        };
        let is_own_machine = || {
            secure_url(redirect_uri).is_some_and(|url| {
                url.scheme() == "http"
                    && is_loopback(&url)
                    && url.host_str() != Some("localhost")
                    && url.port().is_some()
                    // Written in the one way, so that the provider and we see the same.
                    && url.as_str() == redirect_uri
                    && url.path() == REDIRECT_PATH
            })
        };
        self.config.origins.iter().any(|allowed| allowed == origin) || self.config.native && is_own_machine()
    }

    /// Where the browser goes to log in.
    pub(crate) async fn authorization_url(&self, begun: &OidcLoginState) -> Result<String, OidcError> {
        let mut url = self.knowledge.provider().await?.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &begun.redirect_uri)
            .append_pair("scope", &self.config.scopes.join(" "))
            .append_pair("state", &begun.state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &binary::encode(&begun.challenge))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Checks by whom somebody says to have been sent back (RFC 9207): another provider's code is not shown to this one.
    pub(crate) async fn check_sender(&self, iss: Option<&str>) -> Result<(), OidcError> {
        match iss {
            Some(iss) if iss == self.config.issuer => Ok(()),
            Some(_) => Err(OidcError::Refused("another provider has sent it")),
            None if self.knowledge.provider().await?.says_who_it_is => {
                Err(OidcError::Refused("it does not say which provider has sent it"))
            }
            None => Ok(()),
        }
    }

    /// Exchanges a code for who has logged in.
    pub(crate) async fn redeem(
        &self,
        begun: &OidcLoginState,
        code: &str,
        verifier: &str,
    ) -> Result<Identity, OidcError> {
        let provider = self.knowledge.provider().await?;
        let token = self.exchange(&provider, begun, code, verifier).await?;
        let expected = Expected {
            issuer: &self.config.issuer,
            audience: &self.config.client_id,
            now: self.clock.now(),
        };
        let claims = self
            .checked(provider, |provider| {
                token::id_token(&token, &provider.keys, expected, &begun.nonce)
            })
            .await?;
        Ok(Identity {
            subject: login::subject(&self.config.issuer, &claims.subject),
            suggested_name: claims.preferred_name.as_deref().and_then(suggested_name),
        })
    }

    /// Whom an access token of the provider is of.
    pub(crate) async fn subject_of(&self, access_token: &str) -> Result<OidcSubject, OidcError> {
        let audience = self
            .config
            .audience
            .as_deref()
            .ok_or(OidcError::Refused("its tokens are not taken"))?;
        let expected = Expected {
            issuer: &self.config.issuer,
            audience,
            now: self.clock.now(),
        };
        let provider = self.knowledge.provider().await?;
        let subject = self
            .checked(provider, |provider| {
                token::access_token(access_token, &provider.keys, expected)
            })
            .await?;
        Ok(login::subject(&self.config.issuer, &subject))
    }

    /// Checks a token, and once more with newer keys if it names one that is not known.
    async fn checked<T>(
        &self,
        provider: Arc<Provider>,
        check: impl Fn(&Provider) -> Result<T, TokenError>,
    ) -> Result<T, OidcError> {
        let checked = match check(&provider) {
            Err(TokenError::UnknownKey) => match self.knowledge.after(&provider).await? {
                Some(newer) => check(&newer),
                None => Err(TokenError::UnknownKey),
            },
            checked => checked,
        };
        checked.map_err(|error| match error {
            TokenError::UnknownKey => OidcError::Refused("its key is not known"),
            TokenError::Expired => OidcError::Expired,
            TokenError::Refused(reason) => OidcError::Refused(reason),
        })
    }

    /// Redeems a code (RFC 6749, section 4.1.3).
    async fn exchange(
        &self,
        provider: &Provider,
        begun: &OidcLoginState,
        code: &str,
        verifier: &str,
    ) -> Result<Zeroizing<String>, OidcError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &begun.redirect_uri),
            ("code_verifier", verifier),
        ];
        let mut request = self.knowledge.fetcher().post(provider.token_endpoint.clone());
        match &self.secret {
            Some(secret) if !provider.takes_secret_in_body => {
                request = request.header(AUTHORIZATION, basic(&self.config.client_id, secret));
            }
            secret => {
                form.push(("client_id", &self.config.client_id));
                if let Some(secret) = secret {
                    form.push(("client_secret", secret));
                }
            }
        }
        let request = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form_body(&form));
        match answer::<TokenAnswer>(request).await {
            Ok(answer) => Ok(Zeroizing::new(answer.id_token)),
            // What is wrong with a code has this answer (RFC 6749, section 5.2), and so has a client that is not as the provider knows it.
            Err(FetchError::Status(StatusCode::BAD_REQUEST)) => {
                Err(OidcError::Refused("the provider does not take the code"))
            }
            Err(error) => {
                tracing::warn!(
                    error = chain(&error),
                    "the OpenID provider has not redeemed a code"
                );
                Err(OidcError::Unavailable)
            }
        }
    }
}

/// The secret that stands in a file, without the end of its line.
fn read_secret(path: &Path) -> Result<Zeroizing<String>, UnusableFile> {
    const KEY: &str = "oidc.client_secret_file";
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| UnusableFile::new(KEY, path, error))?;
    match text.trim() {
        "" => Err(UnusableFile::new(KEY, path, "it is empty")),
        secret => Ok(Zeroizing::new(secret.to_owned())),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn form_body(form: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}

/// `Basic` with id and secret, each encoded as in a form (RFC 6749, section 2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let both = Zeroizing::new(format!("{}:{}", encoded(id), encoded(secret)));
    format!("Basic {}", BASE64_STANDARD.encode(both.as_bytes()))
}

/// A name that can be one here, of what somebody is called there: without the host of an address, in lower case.
fn suggested_name(preferred: &str) -> Option<AccountName> {
    let name = preferred.split('@').next().unwrap_or_default();
    name.to_lowercase().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_suggested_that_can_be_one() {
        for (preferred, expected) in [
            ("ada", Some("ada")),
            ("Ada.Lovelace", Some("ada.lovelace")),
            ("ada@example.org", Some("ada")),
            ("1ada", None),
            ("Ada Lovelace", None),
            ("ädä", None),
            ("", None),
        ] {
            let name = suggested_name(preferred);
            assert_eq!(name.as_ref().map(AccountName::as_str), expected, "{preferred}");
        }
    }

    #[test]
    fn a_secret_with_any_character_is_one_of_the_two_parts() {
        let header = basic("a:b", "c d%");
        let encoded = header.strip_prefix("Basic ").unwrap();
        assert_eq!(BASE64_STANDARD.decode(encoded).unwrap(), b"a%3Ab:c%20d%25");
    }
}
