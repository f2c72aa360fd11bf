//! `PUT /v1/notification/subscription`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::push::{InvalidKey, Push, RefusedEndpoint};
use crate::store::{NewSubscription, NotificationStore as _, SubscriptionKeys};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::notification::PutSubscription;
use sotto_protocol::{Problem, ProblemCode, limits};

impl From<RefusedEndpoint> for HttpProblem {
    fn from(refused: RefusedEndpoint) -> Self {
        match refused {
            RefusedEndpoint::Malformed => Self::invalid_request(refused.to_string()),
            RefusedEndpoint::NotAllowed => Problem::new(ProblemCode::EndpointRefused)
                .with_detail(refused.to_string())
                .into(),
        }
    }
}

impl From<InvalidKey> for HttpProblem {
    fn from(invalid: InvalidKey) -> Self {
        Self::invalid_request(format!("p256dh: {invalid}"))
    }
}

/// Keeps where the calling device can be woken, in place of what it said before.
pub(crate) async fn subscribe<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Json(request): Json<PutSubscription>,
) -> Result<StatusCode, HttpProblem> {
    if request.quiet_chats.len() > limits::QUIET_CHATS {
        return Err(ProblemCode::TooLarge.into());
    }
    let endpoint = app.push.check_endpoint(&request.endpoint)?;
    let keys = SubscriptionKeys {
        p256dh: request.p256dh.as_slice().try_into().map_err(|_| InvalidKey)?,
        auth: request
            .auth
            .as_slice()
            .try_into()
            .map_err(|_| HttpProblem::invalid_request("auth: 16 bytes"))?,
    };
    Push::check_keys(&keys)?;
    let subscription = NewSubscription {
        device: caller.address,
        session: caller.session,
        endpoint,
        keys,
        quiet_chats: request.quiet_chats,
    };
    if app.accounts.put_subscription(subscription).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ProblemCode::SessionEnded.into())
    }
}
