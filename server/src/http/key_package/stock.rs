//! `GET /v1/key-package`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::KeyPackageStore as _;
use axum::extract::State;
use sotto_protocol::rest::key_package::KeyPackageStock;

/// What the server holds of the calling device.
pub(crate) async fn stock<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<KeyPackageStock>, HttpProblem> {
    Ok(Json(
        app.accounts
            .key_package_stock(caller.address.device, app.now())
            .await?,
    ))
}
