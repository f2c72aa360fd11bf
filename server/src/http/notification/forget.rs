//! `DELETE /v1/notification/subscription`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::HttpProblem;
use crate::store::NotificationStore as _;
use axum::extract::State;
use http::StatusCode;

/// Forgets where the calling device can be woken, if that is known.
pub(crate) async fn forget<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<StatusCode, HttpProblem> {
    app.accounts.forget_subscription(caller.address, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
