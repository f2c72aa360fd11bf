//! What a program posts is sent into a bot's chats.

use crate::rate::Bucket;
use crate::{IncomingSecret, WebhookError};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use core::time::Duration;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sotto_client_sdk::platform::Platform;
use sotto_client_sdk::protocol::{ChatId, MessageId, Problem, ProblemCode, limits};
use sotto_client_sdk::{Client, ClientError};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

/// Where is posted to.
const PATH: &str = "/message";
/// Bytes of a request: the longest text, each byte of it written as JSON writes what is not shown, and something around it.
const BODY_BYTES: usize = 6 * limits::TEXT_BYTES + 1024;
/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many messages are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncomingRate {
    /// At once, after a pause: at least 1.
    pub burst: u32,
    /// In the long run: at least 1.
    pub per_minute: u32,
}

impl Default for IncomingRate {
    fn default() -> Self {
        Self {
            burst: 20,
            per_minute: 60,
        }
    }
}

/// Takes `POST /message` with `{"text": "…", "chat": "…"}` from whoever shows the secret as a bearer token, and sends the text into the
/// chat, or where none is given into the one that was set for that.
pub struct Incoming<P: Platform> {
    client: Client<P>,
    secret: IncomingSecret,
    to: Option<ChatId>,
    taken: Bucket,
}

/// What is to be said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    text: String,
    chat: Option<ChatId>,
}

/// That it is said, or will be as soon as the server is reached: the bot's store has it.
#[derive(Serialize)]
struct Taken {
    message: MessageId,
    chat: ChatId,
}

impl<P: Platform> Incoming<P> {
    /// `to` is the chat of those that name none.
    #[must_use]
    pub fn new(client: Client<P>, secret: IncomingSecret, to: Option<ChatId>, rate: IncomingRate) -> Self {
        Self {
            client,
            secret,
            to,
            taken: Bucket::new(rate.burst, rate.per_minute),
        }
    }

    /// Serves until it is dropped, or the socket fails.
    pub async fn serve(self, listener: TcpListener) -> Result<(), WebhookError> {
        if !listener.local_addr()?.ip().is_loopback() {
            return Err(WebhookError::NotLoopback);
        }
        let router = Router::new()
            .route(PATH, post(take::<P>))
            .with_state(Arc::new(self));
        Ok(axum::serve(listener, router).await?)
    }

    async fn say(&self, wanted: Wanted) -> Result<Taken, Problem> {
        let chat = wanted
            .chat
            .or(self.to)
            .ok_or_else(|| invalid("chat: none was given, and none is set for that"))?;
        match self.client.send_text(chat, wanted.text).await {
            Ok(message) => Ok(Taken { message, chat }),
            Err(ClientError::ChatNotFound | ClientError::NotAMember) => Err(ProblemCode::ChatNotFound.into()),
            Err(ClientError::NoVoice | ClientError::Blocked) => Err(ProblemCode::Forbidden.into()),
            Err(ClientError::TextTooLong) => Err(ProblemCode::TooLarge.into()),
            Err(ClientError::TextEmpty) => Err(invalid("text: it is empty")),
            Err(_) => Err(ProblemCode::Unavailable.into()),
        }
    }
}

async fn take<P: Platform>(State(incoming): State<Arc<Incoming<P>>>, request: Request) -> Response {
    match taken(&incoming, request).await {
        Ok(taken) => (StatusCode::ACCEPTED, Json(taken)).into_response(),
        Err(problem) => refused(&problem),
    }
}

async fn taken<P: Platform>(incoming: &Incoming<P>, request: Request) -> Result<Taken, Problem> {
    // Nothing of it is read before it is known who sends it.
    if !bearer_token(request.headers()).is_some_and(|token| incoming.secret.is(token)) {
        return Err(ProblemCode::Unauthenticated.into());
    }
    if let Err(wait) = incoming.taken.take(Instant::now()) {
        let seconds = u32::try_from(wait.as_secs())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        return Err(Problem::new(ProblemCode::RateLimited).with_retry_after(seconds));
    }
    // Pages of the web can post other types without asking.
    let content_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !content_type.is_some_and(|content_type| content_type.starts_with(b"application/json")) {
        return Err(invalid("Content-Type: application/json"));
    }
    let body = timeout(PATIENCE, to_bytes(request.into_body(), BODY_BYTES))
        .await
        .map_err(|_| invalid("it came too slowly"))?
        .map_err(|_| Problem::from(ProblemCode::TooLarge))?;
    let wanted = serde_json::from_slice(&body).map_err(|error| invalid(&error.to_string()))?;
    incoming.say(wanted).await
}

fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(b"bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| token.trim_ascii())
}

fn invalid(detail: &str) -> Problem {
    Problem::new(ProblemCode::InvalidRequest).with_detail(detail)
}

/// As RFC 9457 has it.
fn refused(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}
