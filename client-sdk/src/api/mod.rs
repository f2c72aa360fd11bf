//! The server's REST interface, typed: one method for each call that the client makes.

mod admin;
mod archive;
mod auth;
mod blob;
mod block;
mod broadcast;
mod chat;
mod community;
mod device;
mod group;
mod key_package;
mod notification;
mod oidc;
mod passkey;
mod record;
mod report;
mod server;
mod site;
mod user;

use crate::account::{Session, SessionError};
use crate::error::ClientError;
use crate::platform::{Method, Platform, Request, RequestBody, Response, Transport, TransportError, timeout};
use crate::surroundings::Surroundings;
use core::time::Duration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{Ban, Problem, ProblemCode};
use std::sync::Arc;

/// How long an answer may take.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything but RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The calls. Clones share the session.
pub(crate) struct Api<P: Platform> {
    surroundings: Arc<Surroundings<P>>,
    session: Arc<Session<P>>,
}

impl<P: Platform> Clone for Api<P> {
    fn clone(&self) -> Self {
        Self {
            surroundings: Arc::clone(&self.surroundings),
            session: Arc::clone(&self.session),
        }
    }
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum ApiError {
    /// The server was not reached, or broke off. It may have done what was asked.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server refused.
    #[error("{}", .0.title)]
    Problem(Box<Problem>),
    /// The answer is none of this protocol's.
    #[error("the answer cannot be read (status {status})")]
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
    /// There is no session, or it is over.
    #[error("log in first")]
    NotLoggedIn,
    /// The store failed while tokens were renewed.
    #[error(transparent)]
    Store(#[from] crate::store::RecordsError),
}

impl ApiError {
    /// The problem's code, if the server gave one.
    pub(crate) fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            Self::Transport(_) | Self::Unreadable { .. } | Self::NotLoggedIn | Self::Store(_) => None,
        }
    }

    /// The ban, if that is why the server refused.
    pub(crate) fn ban(&self) -> Option<Ban> {
        match self {
            Self::Problem(problem) => banned(problem),
            Self::Transport(_) | Self::Unreadable { .. } | Self::NotLoggedIn | Self::Store(_) => None,
        }
    }

    /// Whether the same call may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Problem(problem) => code_is_passing(problem.code),
            Self::Unreadable { status } => *status >= 500,
            Self::Transport(_) | Self::NotLoggedIn | Self::Store(_) => true,
        }
    }
}

/// Whether what was refused with this code may be taken later, unchanged.
pub(crate) const fn code_is_passing(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::RateLimited
            | ProblemCode::Internal
            | ProblemCode::Unavailable
            | ProblemCode::Timeout
            | ProblemCode::TokenExpired
            | ProblemCode::Unauthenticated
            | ProblemCode::SessionEnded
            | ProblemCode::Banned
    )
}

/// The ban of which a problem speaks, if it does.
pub(crate) fn banned(problem: &Problem) -> Option<Ban> {
    (problem.code == ProblemCode::Banned).then(|| {
        problem.ban.clone().unwrap_or_else(|| Ban {
            reason: String::new(),
            until: None,
        })
    })
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotLoggedIn => Self::NotLoggedIn,
            SessionError::Refresh(error) => *error,
            SessionError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ApiError> for ClientError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Transport(error) => Self::Transport(error),
            ApiError::Problem(problem) => Self::from(*problem),
            ApiError::Unreadable { .. } => Self::Untrusted("an answer that cannot be read"),
            ApiError::NotLoggedIn => Self::NotLoggedIn,
            ApiError::Store(error) => Self::Store(error),
        }
    }
}

/// Percent-encodes one part of a path or query.
fn escaped(text: &str) -> impl core::fmt::Display {
    utf8_percent_encode(text, ESCAPED)
}

impl<P: Platform> Api<P> {
    /// The calls of `session`.
    pub(crate) const fn new(surroundings: Arc<Surroundings<P>>, session: Arc<Session<P>>) -> Self {
        Self {
            surroundings,
            session,
        }
    }

    /// A call that the session authorises.
    async fn call<B: Serialize, R: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        body: Option<&B>,
    ) -> Result<R, ApiError> {
        let answer = self.authorised(json_request(method, path, body)?).await?;
        decode_body(&answer)
    }

    /// A call that another token authorises, or none.
    async fn call_with<B: Serialize, R: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        token: Option<&Token>,
        body: Option<&B>,
    ) -> Result<R, ApiError> {
        let request = Request {
            token: token.cloned(),
            ..json_request(method, path, body)?
        };
        let answer = exchange(&self.surroundings, request).await?;
        decode_body(&answer)
    }

    /// A request that the session authorises. An access token that the server does not take is renewed once.
    async fn authorised(&self, request: Request) -> Result<Response, ApiError> {
        let with = |token: &Token| Request {
            token: Some(token.clone()),
            ..request.clone()
        };
        let token = self.session.access_token().await?;
        match exchange(&self.surroundings, with(&token)).await {
            // One that the server does not know at all is one of before it was set up anew.
            Err(error)
                if matches!(
                    error.code(),
                    Some(ProblemCode::TokenExpired | ProblemCode::Unauthenticated)
                ) =>
            {
                let token = self.session.renewed_token(&token).await?;
                exchange(&self.surroundings, with(&token)).await
            }
            answer => answer,
        }
        .inspect_err(|error| {
            if error.code() == Some(ProblemCode::SessionEnded) {
                self.session.ended_by_server(None);
            } else if let Some(ban) = error.ban() {
                self.session.ended_by_server(Some(ban));
            }
        })
    }
}

/// A request with a JSON body, or none, and without a token.
pub(crate) fn json_request<B: Serialize>(
    method: Method,
    path: String,
    body: Option<&B>,
) -> Result<Request, ApiError> {
    let body = body
        .map(serde_json::to_vec)
        .transpose()
        .map_err(|_| ApiError::Transport(TransportError::Malformed))?;
    Ok(Request {
        method,
        path,
        token: None,
        body: body.map(RequestBody::Json),
        range: None,
    })
}

/// Sends one request and reads the answer, which is a success or a problem.
pub(crate) async fn exchange<P: Platform>(
    surroundings: &Surroundings<P>,
    request: Request,
) -> Result<Response, ApiError> {
    let answer = timeout(
        &surroundings.clock,
        REQUEST_TIMEOUT,
        surroundings.transport.request(request),
    )
    .await
    .map_err(|_| TransportError::TimedOut)??;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => Err(ApiError::Problem(Box::new(problem))),
        Err(_) => Err(ApiError::Unreadable {
            status: answer.status,
        }),
    }
}

/// An answer without a body (204) is read as `null`.
pub(crate) fn decode_body<R: DeserializeOwned>(answer: &Response) -> Result<R, ApiError> {
    let body = if answer.body.is_empty() {
        b"null".as_slice()
    } else {
        &answer.body
    };
    serde_json::from_slice(body).map_err(|_| ApiError::Unreadable {
        status: answer.status,
    })
}

/// For calls without a body.
const NO_BODY: Option<&()> = None;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_searched_for_stays_one_value_of_the_query() {
        assert_eq!(escaped("a&b=c/é ~").to_string(), "a%26b%3Dc%2F%C3%A9%20~");
    }

    #[test]
    fn an_empty_answer_is_read_as_nothing() {
        let answer = Response {
            status: 204,
            body: Vec::new(),
        };
        assert_eq!(decode_body::<()>(&answer), Ok(()));
    }
}
