//! `DELETE /v1/device/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::departed;
use crate::http::device_list::{self, Owner};
use crate::http::{HttpProblem, Json, Path, sessions};
use crate::store::{AccountStore as _, DeviceStore as _, RemoveDeviceError};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::device::RemoveDevice;
use sotto_protocol::{DeviceAddress, DeviceId, ProblemCode};

impl From<RemoveDeviceError> for HttpProblem {
    fn from(error: RemoveDeviceError) -> Self {
        match error {
            RemoveDeviceError::DeviceNotFound => ProblemCode::DeviceNotFound.into(),
            RemoveDeviceError::StaleDeviceList => ProblemCode::StaleDeviceList.into(),
            RemoveDeviceError::Store(error) => error.into(),
        }
    }
}

/// Removes a device of the caller's account. Its tokens and its connection die at once.
pub(crate) async fn remove<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(device): Path<DeviceId>,
    Json(RemoveDevice { device_list }): Json<RemoveDevice>,
) -> Result<StatusCode, HttpProblem> {
    let account = caller.address.account;
    let user = app
        .accounts
        .account(account)
        .await?
        .ok_or(ProblemCode::UserNotFound)?;
    let list = device_list::claimed(&device_list, &Owner::from(&user))?;
    if list.devices.iter().any(|listed| listed.device == device) {
        return Err(HttpProblem::invalid_request(
            "device_list: it still has this device",
        ));
    }
    let address = DeviceAddress { account, device };
    app.accounts
        .remove_device(address, device_list, app.now())
        .await?;
    sessions::ended(&app, address);
    tracing::info!(?account, ?device, "a device was removed");
    app.delivery.account_changed(account).await;
    departed::let_go(&app).await;
    Ok(StatusCode::NO_CONTENT)
}
