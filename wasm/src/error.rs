//! Errors, as JavaScript gets them.

use serde::Serialize;
use sotto_client_sdk::ClientError;
use tsify::Tsify;
use wasm_bindgen::JsValue;

/// What a promise rejects with.
#[derive(Tsify, Serialize)]
#[tsify(into_wasm_abi)]
pub(crate) struct Rejection {
    code: String,
    message: String,
}

impl Rejection {
    /// An argument of a call is not what it has to be.
    pub(crate) fn invalid(argument: &str) -> Self {
        Self {
            code: "invalid-argument".to_owned(),
            message: format!("{argument} is malformed"),
        }
    }

    /// The client cannot be opened in this browser.
    pub(crate) fn store(reason: &impl ToString) -> Self {
        Self {
            code: "store".to_owned(),
            message: reason.to_string(),
        }
    }
}

impl From<ClientError> for Rejection {
    fn from(error: ClientError) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
        }
    }
}

/// The result of every call.
pub(crate) type Answer<T> = Result<T, Rejection>;
