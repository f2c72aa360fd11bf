//! `POST /v1/key-package`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::{KeyPackageStore as _, NewKeyPackage, PublishKeyPackagesError};
use axum::extract::State;
use sotto_protocol::message_header::key_package_suite;
use sotto_protocol::rest::key_package::{KeyPackageStock, PublishKeyPackages};
use sotto_protocol::{Binary, ProblemCode, Suite, limits};

impl From<PublishKeyPackagesError> for HttpProblem {
    fn from(error: PublishKeyPackagesError) -> Self {
        match error {
            PublishKeyPackagesError::TooManyKeyPackages => ProblemCode::TooManyKeyPackages.into(),
            PublishKeyPackagesError::DeviceNotFound => ProblemCode::DeviceNotFound.into(),
            PublishKeyPackagesError::Store(error) => error.into(),
        }
    }
}

/// Adds to the calling device's stock. What is inside a KeyPackage is for those who claim it to check.
pub(crate) async fn publish<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Json(request): Json<PublishKeyPackages>,
) -> Result<Json<KeyPackageStock>, HttpProblem> {
    let key_packages = check(request)?;
    let stock = app
        .accounts
        .publish_key_packages(caller.address, key_packages, app.now())
        .await?;
    Ok(Json(stock))
}

fn check(request: PublishKeyPackages) -> Result<Vec<NewKeyPackage>, HttpProblem> {
    let PublishKeyPackages {
        key_packages,
        last_resort,
    } = request;
    if key_packages.len() > limits::KEY_PACKAGES_PER_REQUEST || last_resort.len() > Suite::ALL.len() {
        return Err(ProblemCode::TooLarge.into());
    }
    let last_resort = last_resort.into_iter().map(|bytes| read(bytes, true));
    let last_resort = last_resort.collect::<Result<Vec<_>, _>>()?;
    for suite in Suite::ALL {
        if last_resort
            .iter()
            .filter(|package| package.suite == suite)
            .count()
            > 1
        {
            return Err(HttpProblem::invalid_request("last_resort: one a suite at most"));
        }
    }
    let mut all = key_packages
        .into_iter()
        .map(|bytes| read(bytes, false))
        .collect::<Result<Vec<_>, _>>()?;
    all.extend(last_resort);
    Ok(all)
}

fn read(Binary(key_package): Binary, last_resort: bool) -> Result<NewKeyPackage, HttpProblem> {
    if key_package.len() > limits::KEY_PACKAGE_BYTES {
        return Err(ProblemCode::TooLarge.into());
    }
    let suite = key_package_suite(&key_package).map_err(|_| ProblemCode::MalformedMessage)?;
    Ok(NewKeyPackage {
        suite,
        key_package,
        last_resort,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_package(suite: Suite) -> Binary {
        let mut bytes = vec![0, 1, 0, 5, 0, 1];
        bytes.extend(suite.code_point().to_be_bytes());
        bytes.into()
    }

    fn refused(key_packages: Vec<Binary>, last_resort: Vec<Binary>) -> ProblemCode {
        let request = PublishKeyPackages {
            key_packages,
            last_resort,
        };
        check(request).unwrap_err().code()
    }

    #[test]
    fn each_is_put_under_its_suite() {
        let request = PublishKeyPackages {
            key_packages: vec![key_package(Suite::XWing), key_package(Suite::X25519)],
            last_resort: vec![key_package(Suite::X25519)],
        };
        let read: Vec<_> = check(request)
            .unwrap()
            .into_iter()
            .map(|package| (package.suite, package.last_resort))
            .collect();
        assert_eq!(
            read,
            [
                (Suite::XWing, false),
                (Suite::X25519, false),
                (Suite::X25519, true)
            ]
        );
    }

    #[test]
    fn what_is_too_much_or_no_key_package_is_refused() {
        let one = || key_package(Suite::XWing);
        let too_many = vec![one(); limits::KEY_PACKAGES_PER_REQUEST + 1];
        assert_eq!(refused(too_many, vec![]), ProblemCode::TooLarge);
        assert_eq!(refused(vec![], vec![one(); 2]), ProblemCode::InvalidRequest);
        assert_eq!(refused(vec![], vec![one(); 3]), ProblemCode::TooLarge);
        let mut large = one().0.to_vec();
        large.resize(limits::KEY_PACKAGE_BYTES + 1, 0);
        assert_eq!(refused(vec![large.into()], vec![]), ProblemCode::TooLarge);
        for other in [vec![], vec![0, 1, 0, 2], vec![0, 1, 0, 5, 0, 1, 0xff, 0xff]] {
            assert_eq!(refused(vec![other.into()], vec![]), ProblemCode::MalformedMessage);
        }
    }
}
