//! IndexedDB's requests and transactions as futures.
//!
//! The browser's own promise functions are the event handlers, so that a future that is dropped leaves no handler behind that is gone:
//! IndexedDB aborts a transaction whose handler throws.

use super::global;
use crate::store::StoreError;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, IdbOpenDbRequest, IdbRequest, IdbTransaction};

/// The request's result.
pub(super) async fn result_of(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let ended = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    outcome(JsFuture::from(ended).await.is_ok(), request)
}

/// The database that the request opens.
pub(super) async fn opened(request: &IdbOpenDbRequest) -> Result<JsValue, StoreError> {
    let ended = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        request.set_onblocked(Some(&reject));
    });
    outcome(JsFuture::from(ended).await.is_ok(), request)
}

fn outcome(succeeded: bool, request: &IdbRequest) -> Result<JsValue, StoreError> {
    if succeeded {
        return request.result().map_err(|thrown| failure(&thrown));
    }
    Err(match request.error() {
        Ok(Some(error)) => failure(&error),
        Ok(None) => StoreError::Unavailable("a request failed without a reason".to_owned()),
        // The request is still under way: it is blocked by a client of an older version.
        Err(_) => StoreError::Locked,
    })
}

/// Ends when the transaction is durable. To be called in the same turn as its requests.
pub(super) fn completion(transaction: IdbTransaction) -> impl Future<Output = Result<(), StoreError>> {
    let ended = JsFuture::from(Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    }));
    async move {
        match ended.await {
            Ok(_) => Ok(()),
            Err(_) => Err(transaction.error().map_or_else(
                || StoreError::Unavailable("the transaction was aborted".to_owned()),
                |error| failure(&error),
            )),
        }
    }
}

/// A value or key of the store.
pub(super) fn bytes(value: &JsValue) -> Result<Vec<u8>, StoreError> {
    if value.is_instance_of::<Uint8Array>() || value.is_instance_of::<js_sys::ArrayBuffer>() {
        Ok(Uint8Array::new(value).to_vec())
    } else {
        Err(StoreError::Corrupted("a record that is not bytes".to_owned()))
    }
}

/// What a failure of IndexedDB means to the caller: its name tells
/// (<https://www.w3.org/TR/IndexedDB/#exceptions>).
pub(super) fn failure(thrown: &JsValue) -> StoreError {
    let text = global::text(thrown);
    let name = thrown.dyn_ref::<DomException>().map(DomException::name);
    match name.as_deref() {
        Some("QuotaExceededError") => StoreError::Full,
        Some("InvalidStateError") => StoreError::Closed,
        Some("NotFoundError" | "NotReadableError" | "DataError") => StoreError::Corrupted(text),
        Some(_) | None => StoreError::Unavailable(text),
    }
}
