//! `PUT` and `DELETE /v1/auth/device-link/{id}`

use crate::app::{App, Backend};
use crate::auth::{Caller, is_login_key};
use crate::http::{HttpProblem, Json, Path};
use crate::store::{DeviceLinkStore as _, NewDeviceLink};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::auth::{DeviceLinkOffered, OfferDeviceLink};
use sotto_protocol::{DeviceLinkId, ProblemCode, limits};

/// Keeps the calling device's offer to let a new one into its account, for a few minutes.
pub(crate) async fn offer_device_link<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(link): Path<DeviceLinkId>,
    Json(OfferDeviceLink { login_key, vault }): Json<OfferDeviceLink>,
) -> Result<Json<DeviceLinkOffered>, HttpProblem> {
    match vault.as_slice().len() {
        0 => return Err(HttpProblem::invalid_request("vault: it is empty")),
        1..=limits::VAULT_BYTES => {}
        _ => return Err(ProblemCode::TooLarge.into()),
    }
    if !is_login_key(login_key) {
        return Err(HttpProblem::invalid_request("login_key: it is no Ed25519 key"));
    }
    let expires_at = app.now().plus_millis(limits::DEVICE_LINK_MILLIS);
    let offer = NewDeviceLink {
        link,
        offered_by: caller.address,
        login_key,
        vault: vault.0,
        expires_at,
    };
    if !app.accounts.offer_device_link(offer).await? {
        return Err(HttpProblem::invalid_request("id: it is in use"));
    }
    Ok(Json(DeviceLinkOffered { expires_at }))
}

/// Forgets an offer of the caller's account. One that is used or over is gone already.
pub(crate) async fn withdraw_device_link<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(link): Path<DeviceLinkId>,
) -> Result<StatusCode, HttpProblem> {
    app.accounts
        .withdraw_device_link(caller.address.account, link)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
