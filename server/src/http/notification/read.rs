//! `GET /v1/notification/subscription`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::NotificationStore as _;
use axum::extract::State;
use sotto_protocol::rest::notification::Subscription;

/// Where the calling device can be woken.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<Subscription>, HttpProblem> {
    let known = app.accounts.subscriptions(&[caller.address], app.now()).await?;
    let endpoint = known.into_iter().next().map(|known| known.endpoint);
    Ok(Json(Subscription { endpoint }))
}
