//! `GET /v1/device`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Revalidated};
use crate::store::DeviceStore as _;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::rest::device::Devices;

/// The devices of the caller's account.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let devices = app.accounts.devices(caller.address.account).await?;
    Ok(Revalidated::json(&Devices { devices })?
        .unstored()
        .answer(&headers))
}
