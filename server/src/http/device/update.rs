//! `POST /v1/device/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::DeviceStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::device::UpdateDevice;
use sotto_protocol::{Binary, DeviceAddress, DeviceId, ProblemCode, limits};

/// Gives a device of the caller's account another name, of which the server sees ciphertext.
pub(crate) async fn update<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(device): Path<DeviceId>,
    Json(UpdateDevice { name }): Json<UpdateDevice>,
) -> Result<StatusCode, HttpProblem> {
    check_name(Some(&name))?;
    let address = DeviceAddress {
        account: caller.address.account,
        device,
    };
    if app.accounts.rename_device(address, name.0).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ProblemCode::DeviceNotFound.into())
    }
}

/// What is said to be a sealed name has a length that one can have.
pub(in crate::http) fn check_name(name: Option<&Binary>) -> Result<(), HttpProblem> {
    match name.map(|name| name.as_slice().len()) {
        None | Some(1..=limits::SEALED_DEVICE_NAME_BYTES) => Ok(()),
        Some(0) => Err(HttpProblem::invalid_request("name: it is empty")),
        Some(_) => Err(ProblemCode::TooLarge.into()),
    }
}
