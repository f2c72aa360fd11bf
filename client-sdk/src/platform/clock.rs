//! Time.

use super::{MaybeSend, MaybeSync};
use core::pin::pin;
use core::time::Duration;
use futures_util::future::{Either, select};
use sotto_protocol::Timestamp;

/// What time it is, and how to wait.
pub trait Clock: MaybeSend + MaybeSync + 'static {
    /// The wall clock's time. It may jump, also backwards.
    fn now(&self) -> Timestamp;

    /// Ends after `duration`, not affected by jumps of the wall clock. Dropping the future ends the wait.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend;
}

/// The time given to [`timeout`] is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it took too long")]
pub struct Elapsed;

/// What `future` gives, unless `limit` passes first: then the future is dropped where it stands.
pub async fn timeout<C: Clock, F: Future>(
    clock: &C,
    limit: Duration,
    future: F,
) -> Result<F::Output, Elapsed> {
    match select(pin!(future), pin!(clock.sleep(limit))).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(((), _)) => Err(Elapsed),
    }
}
