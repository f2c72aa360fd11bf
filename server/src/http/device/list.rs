//! `GET /v1/device`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::DeviceStore as _;
use axum::extract::State;
use sotto_protocol::rest::device::Devices;

/// The devices of the caller's account.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<Devices>, HttpProblem> {
    let devices = app.accounts.devices(caller.address.account).await?;
    Ok(Json(Devices { devices }))
}
