//! `DELETE /v1/user/{name}`

use super::update::own_profile;
use crate::app::{App, Backend};
use crate::auth::ProvenOwner;
use crate::departed;
use crate::http::{HttpProblem, Path, sessions};
use crate::store::{AccountStore as _, DeleteAccountError, DeviceStore as _};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::{AccountName, DeviceAddress, ProblemCode};

impl From<DeleteAccountError> for HttpProblem {
    fn from(error: DeleteAccountError) -> Self {
        match error {
            DeleteAccountError::LastAdministrator => ProblemCode::LastAdministrator.into(),
            DeleteAccountError::Store(error) => error.into(),
        }
    }
}

/// Deletes an account whose owner has just shown to be that: profile, vault, devices, sessions, KeyPackages, archives and blobs. Name
/// and id are given to nobody again. The last administrator hands over first. Whoever has a device of somebody else's in the hand cannot do this.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    ProvenOwner(account): ProvenOwner,
    Path(name): Path<AccountName>,
) -> Result<StatusCode, HttpProblem> {
    own_profile(&app, account, &name).await?;
    let devices = app.accounts.devices(account).await?;
    app.accounts.delete_account(account, app.now()).await?;
    for device in devices {
        sessions::ended(
            &app,
            DeviceAddress {
                account,
                device: device.device,
            },
        );
    }
    tracing::info!(?account, "an account was deleted");
    // While the shards still know who its peers are.
    app.delivery.account_changed(account).await;
    departed::let_go(&app).await;
    Ok(StatusCode::NO_CONTENT)
}
