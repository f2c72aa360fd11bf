//! The browser's clock.

use super::global;
use crate::platform::Clock;
use core::future::pending;
use core::time::Duration;
use js_sys::{Date, Promise};
use sotto_protocol::Timestamp;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// The longest time that `setTimeout` takes: its number has 32 bits.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// The browser's clock and timers, in a page or a Worker. Browsers let the timers of a hidden page run late.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserClock;

impl Clock for BrowserClock {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest integer there is, and years before 1970 become 1970"
    )]
    fn now(&self) -> Timestamp {
        Timestamp(Date::now() as u64)
    }

    async fn sleep(&self, duration: Duration) {
        let mut left = duration;
        loop {
            let step = left.min(LONGEST);
            Timer::start(step).ended().await;
            left = left.saturating_sub(step);
            if left.is_zero() {
                return;
            }
        }
    }
}

/// A running timer. It is cleared when dropped.
struct Timer {
    id: JsValue,
    promise: Promise,
}

impl Timer {
    fn start(duration: Duration) -> Self {
        let mut id = JsValue::UNDEFINED;
        let promise = Promise::new(&mut |resolve, _| {
            let millis = JsValue::from(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX));
            if let Ok(timer) = global::function("setTimeout")
                .and_then(|set_timeout| set_timeout.call2(&JsValue::UNDEFINED, &resolve, &millis))
            {
                id = timer;
            }
        });
        Self { id, promise }
    }

    async fn ended(&self) {
        if JsFuture::from(self.promise.clone()).await.is_err() {
            // A timer's promise does not reject.
            pending::<()>().await;
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Ok(clear_timeout) = global::function("clearTimeout") {
            let _ = clear_timeout.call1(&JsValue::UNDEFINED, &self.id);
        }
    }
}
