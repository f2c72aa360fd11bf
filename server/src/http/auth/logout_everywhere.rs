//! `POST /v1/auth/logout-everywhere`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, sessions};
use crate::store::{DeviceStore as _, SessionStore as _};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::DeviceAddress;

/// Ends all sessions of the calling account. Its devices stay listed: each goes on once somebody has logged in on it.
pub(crate) async fn logout_everywhere<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<StatusCode, HttpProblem> {
    let account = caller.address.account;
    app.accounts.end_sessions_of(account).await?;
    for device in app.accounts.devices(account).await? {
        sessions::ended(
            &app,
            DeviceAddress {
                account,
                device: device.device,
            },
        );
    }
    tracing::info!(?account, "an account was logged out everywhere");
    Ok(StatusCode::NO_CONTENT)
}
