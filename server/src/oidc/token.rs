//! What the provider signs: ID tokens (OpenID Connect Core, section 3.1.3.7), and access tokens that are JWTs (RFC 9068).

use super::keys::{NoKey, SigningKeys};
use jsonwebtoken::Validation;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sotto_protocol::Timestamp;

/// Longest token in bytes. Providers that put a person's groups into it come to a few thousand.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Seconds that the provider's clock may be apart from ours.
const LEEWAY: u64 = 60;
/// Longest subject in bytes (OpenID Connect Core, section 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// Why a token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenError {
    /// Its key is not known: the provider may have a new one.
    UnknownKey,
    /// It was good once.
    Expired,
    /// It is none, or for something else. Why is for the log.
    Refused(&'static str),
}

/// Whom a token has to come from and be for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'e> {
    /// The provider.
    pub(super) issuer: &'e str,
    /// The client, or the interface.
    pub(super) audience: &'e str,
    /// Now.
    pub(super) now: Timestamp,
}

/// What an ID token says of who has logged in.
#[derive(Debug)]
pub(super) struct IdToken {
    /// What the provider calls them, for good.
    pub(super) subject: String,
    /// What they want to be called.
    pub(super) preferred_name: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: u64,
    iat: u64,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
    // Whatever a provider may say there: a name that is no text is none.
    #[serde(default)]
    preferred_username: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }

    fn is_shared(&self) -> bool {
        matches!(self, Self::Several(several) if several.len() > 1)
    }
}

/// Checks an ID token that answers a login with this nonce.
pub(super) fn id_token(
    token: &str,
    keys: &SigningKeys,
    expected: Expected<'_>,
    nonce: &str,
) -> Result<IdToken, TokenError> {
    // An access token is not one of who has logged in, whoever it is for (RFC 9068, section 5).
    let claims = claims(token, keys, |kind| !is_access_token(kind))?;
    check(&claims, expected)?;
    let is_ours = match &claims.azp {
        Some(party) => party == expected.audience,
        None => !claims.aud.is_shared(),
    };
    if !is_ours {
        return Err(TokenError::Refused("it was given to another client"));
    }
    if claims.nonce.as_deref() != Some(nonce) {
        return Err(TokenError::Refused("it answers another login"));
    }
    Ok(IdToken {
        subject: claims.sub,
        preferred_name: claims
            .preferred_username
            .and_then(|name| name.as_str().map(str::to_owned)),
    })
}

/// Checks an access token, and returns whom it is of.
pub(super) fn access_token(
    token: &str,
    keys: &SigningKeys,
    expected: Expected<'_>,
) -> Result<String, TokenError> {
    let claims = claims(token, keys, is_access_token)?;
    check(&claims, expected)?;
    Ok(claims.sub)
}

/// Whether the header's `typ` says that it is an access token (RFC 9068, section 2.1).
fn is_access_token(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| {
        kind.eq_ignore_ascii_case("at+jwt") || kind.eq_ignore_ascii_case("application/at+jwt")
    })
}

/// The claims of a token that one of the keys has signed.
fn claims<C: DeserializeOwned>(
    token: &str,
    keys: &SigningKeys,
    is_wanted: impl FnOnce(Option<&str>) -> bool,
) -> Result<C, TokenError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Refused("it is too long"));
    }
    // `none` is no algorithm for the library, and so no header.
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Refused("it is no JWT"))?;
    if !is_wanted(header.typ.as_deref()) {
        return Err(TokenError::Refused("it is of another kind"));
    }
    if header.crit.is_some() {
        return Err(TokenError::Refused("it takes an extension"));
    }
    let (key, algorithm) = keys.of(&header).map_err(|error| match error {
        NoKey::Unknown => TokenError::UnknownKey,
        NoKey::Refused => TokenError::Refused("no key is for its algorithm"),
    })?;
    let mut validation = Validation::new(algorithm);
    // The signature alone: the rest is looked at below, by our clock.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(token, key, &validation)
        .map(|token| token.claims)
        .map_err(|_| TokenError::Refused("it is not signed so, or lacks a claim"))
}

/// What both kinds have to say.
fn check(claims: &Claims, expected: Expected<'_>) -> Result<(), TokenError> {
    let now = expected.now.0 / 1000;
    if claims.iss != expected.issuer {
        return Err(TokenError::Refused("it is of another issuer"));
    }
    if !claims.aud.has(expected.audience) {
        return Err(TokenError::Refused("it is for another audience"));
    }
    if claims.exp.saturating_add(LEEWAY) <= now {
        return Err(TokenError::Expired);
    }
    if claims.iat > now + LEEWAY || claims.nbf.is_some_and(|from| from > now + LEEWAY) {
        return Err(TokenError::Refused("its time has not come"));
    }
    if !(1..=SUBJECT_BYTES_MAX).contains(&claims.sub.len()) {
        return Err(TokenError::Refused("it names nobody"));
    }
    Ok(())
}
