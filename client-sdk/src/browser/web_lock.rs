//! One client a store, among all tabs and Workers of an origin.

use super::clock::BrowserClock;
use super::global::{self, member, member_of};
use crate::platform::Clock as _;
use crate::store::StoreError;
use core::pin::pin;
use core::time::Duration;
use futures_util::future::{Either, select};
use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

/// How long to wait for a client that is just ending, in a tab that was closed or reloaded.
const PATIENCE: Duration = Duration::from_secs(3);

/// A Web Lock. It is released when dropped, and by the browser when the page or Worker ends.
pub(super) struct WebLock {
    release: Option<Function>,
}

impl WebLock {
    /// Takes the lock of this name; [`StoreError::Locked`] if another holds it and keeps it.
    pub(super) async fn acquire(name: &str) -> Result<Self, StoreError> {
        let locks = member_of(&member("navigator"), "locks");
        let request: Function = member_of(&locks, "request")
            .dyn_into()
            .map_err(|_| unavailable("Web Locks: the page has to come over https or from localhost"))?;

        // The lock is held until the promise that the callback returns is resolved.
        let mut lock = Self { release: None };
        let held = Promise::new(&mut |resolve, _| lock.release = Some(resolve));
        let mut grant = None;
        let granted = Promise::new(&mut |resolve, _| grant = Some(resolve));
        let callback = Closure::once_into_js(move |_: JsValue| {
            if let Some(grant) = grant {
                let _ = grant.call0(&JsValue::UNDEFINED);
            }
            held
        });
        let abort = AbortController::new().map_err(|thrown| unavailable(&global::text(&thrown)))?;
        let options = global::object([("signal", abort.signal().into())]);
        let ended = request
            .call3(&locks, &name.into(), &options, &callback)
            .map_err(|thrown| unavailable(&global::text(&thrown)))?;

        let granted = JsFuture::from(granted);
        let ended = JsFuture::from(Promise::resolve(&ended));
        match select(granted, select(pin!(ended), pin!(BrowserClock.sleep(PATIENCE)))).await {
            Either::Left(_) => Ok(lock),
            Either::Right((Either::Left((Err(thrown), _)), _)) => Err(unavailable(&global::text(&thrown))),
            Either::Right((Either::Left((Ok(_), _)), _)) => Err(unavailable("a Web Lock")),
            Either::Right((Either::Right(_), _)) => {
                abort.abort();
                Err(StoreError::Locked)
            }
        }
    }
}

impl Drop for WebLock {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

fn unavailable(what: &str) -> StoreError {
    StoreError::Unavailable(what.to_owned())
}
