//! Errors, as JavaScript gets them.

use js_sys::{Object, Reflect};
use sotto_client_sdk::ClientError;
use sotto_client_sdk::store::StoreError;
use tsify::Tsify as _;
use wasm_bindgen::JsValue;

use crate::admin_types::Ban;

/// What a promise rejects with: `{ code, message }`, and `{ ban }` if the account is banned.
pub struct Rejection {
    code: &'static str,
    message: String,
    ban: Option<Ban>,
}

/// The result of every call.
pub type Answer<T> = Result<T, Rejection>;

impl Rejection {
    /// An argument of a call is not what it has to be.
    pub(crate) fn invalid(argument: &str) -> Self {
        Self {
            code: "invalid-argument",
            message: format!("{argument} is malformed"),
            ban: None,
        }
    }

    /// A value cannot be represented in JavaScript.
    pub(crate) fn internal() -> Self {
        Self {
            code: "internal",
            message: "the answer could not be converted".to_owned(),
            ban: None,
        }
    }
}

impl From<ClientError> for Rejection {
    fn from(error: ClientError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            ban: match error {
                ClientError::Banned(ban) => Some(ban.into()),
                _ => None,
            },
        }
    }
}

impl From<StoreError> for Rejection {
    fn from(error: StoreError) -> Self {
        Self {
            code: "store",
            message: error.to_string(),
            ban: None,
        }
    }
}

impl From<Rejection> for JsValue {
    fn from(rejection: Rejection) -> Self {
        let object = Object::new();
        for (name, value) in [("code", rejection.code), ("message", &rejection.message)] {
            // Only a frozen object refuses a property, and this one is new.
            let _ = Reflect::set(&object, &name.into(), &value.into());
        }
        if let Some(ban) = rejection.ban.and_then(|ban| ban.into_ts().ok()) {
            let _ = Reflect::set(&object, &"ban".into(), &ban.into());
        }
        object.into()
    }
}
