//! `PUT /v1/device/{id}`

use super::update::check_name;
use crate::app::{App, Backend};
use crate::auth::EnrollingAccount;
use crate::http::device_list::{self, Owner};
use crate::http::{HttpProblem, Json, Path, oidc, sessions};
use crate::store::{AccountStore as _, DeviceStore as _, EnrolDeviceError, NewDevice};
use axum::extract::State;
use sotto_protocol::rest::auth::SessionTokens;
use sotto_protocol::rest::device::EnrolDevice;
use sotto_protocol::{DeviceAddress, DeviceId, ProblemCode};

impl From<EnrolDeviceError> for HttpProblem {
    fn from(error: EnrolDeviceError) -> Self {
        match error {
            EnrolDeviceError::AccountNotFound => ProblemCode::UserNotFound.into(),
            EnrolDeviceError::DeviceNotFound => ProblemCode::DeviceNotFound.into(),
            EnrolDeviceError::DeviceTaken => ProblemCode::DeviceTaken.into(),
            EnrolDeviceError::TooManyDevices => ProblemCode::TooManyDevices.into(),
            EnrolDeviceError::StaleDeviceList => ProblemCode::StaleDeviceList.into(),
            EnrolDeviceError::Store(error) => error.into(),
        }
    }
}

/// Enrols a device of an account that has just logged in, or begins a new session for one that is enrolled. The device's
/// earlier session ends.
pub(crate) async fn enrol<B: Backend>(
    State(app): State<App<B>>,
    EnrollingAccount(account): EnrollingAccount,
    Path(device): Path<DeviceId>,
    Json(EnrolDevice {
        device_key,
        device_list,
        name,
        oidc: ticket,
    }): Json<EnrolDevice>,
) -> Result<Json<SessionTokens>, HttpProblem> {
    check_name(name.as_ref())?;
    oidc::check_login(&app, account, ticket.as_ref()).await?;
    if let Some(list) = &device_list {
        let user = app
            .accounts
            .account(account)
            .await?
            .ok_or(ProblemCode::UserNotFound)?;
        if !device_list::claimed(list, &Owner::from(&user))?.contains(device, device_key) {
            return Err(HttpProblem::invalid_request(
                "device_list: it does not have this device",
            ));
        }
    }
    let address = DeviceAddress { account, device };
    let joins = device_list.is_some();
    let session = sessions::begin(&app, address)?;
    app.accounts
        .enrol_device(NewDevice {
            address,
            device_key,
            device_list,
            name: name.map(|name| name.0),
            session: session.record,
            at: app.now(),
        })
        .await?;
    tracing::info!(?account, ?device, "a device began a session");
    sessions::ended(&app, address);
    if joins {
        app.delivery.account_changed(account).await;
    }
    Ok(Json(session.tokens))
}
