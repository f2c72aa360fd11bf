//! Letting others run.

use core::future::poll_fn;
use core::task::Poll;

/// Ends when whoever else waits for this thread has had a turn.
pub(crate) async fn let_others_run() {
    let mut has_waited = false;
    poll_fn(|context| {
        if core::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
