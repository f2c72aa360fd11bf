//! `POST /v1/key-package/claim`

use super::LOW;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::{Claim, KeyPackageStore as _};
use crate::telemetry::metrics::{ClaimOutcome, METRICS};
use axum::extract::State;
use sotto_protocol::rest::key_package::{ClaimKeyPackages, ClaimedKeyPackage, KeyPackagesClaimed};
use sotto_protocol::{DeviceAddress, ProblemCode};

/// Takes one KeyPackage of each device of an account, except the calling one, and tells those devices that run low or
/// whose last resort was handed out.
pub(crate) async fn claim<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Json(ClaimKeyPackages { account, suite }): Json<ClaimKeyPackages>,
) -> Result<Json<KeyPackagesClaimed>, HttpProblem> {
    let is_crowded = app.limits.of_claimed(account, caller.address.account)?;
    let claimed = app
        .accounts
        .claim_key_packages(Claim {
            account,
            suite,
            by: caller.address,
            is_crowded,
            at: app.now(),
        })
        .await?
        .ok_or(ProblemCode::UserNotFound)?;
    METRICS
        .key_package_claims
        .of(if claimed.is_empty() {
            ClaimOutcome::None
        } else if claimed.iter().any(|stock| stock.remaining < LOW) {
            ClaimOutcome::Low
        } else {
            ClaimOutcome::Served
        })
        .increment();
    if claimed.is_empty() && account != caller.address.account {
        return Err(ProblemCode::NoKeyPackage.into());
    }
    for stock in claimed
        .iter()
        .filter(|stock| stock.remaining < LOW || stock.is_last_resort)
    {
        app.delivery.key_packages_low(DeviceAddress {
            account,
            device: stock.device,
        });
    }
    let key_packages = claimed
        .into_iter()
        .map(|taken| ClaimedKeyPackage {
            device: taken.device,
            key_package: taken.key_package.into(),
        })
        .collect();
    Ok(Json(KeyPackagesClaimed { key_packages }))
}
