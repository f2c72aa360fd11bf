//! What the server does for archives by itself: it erases what is over, and what was removed.

use crate::app::{App, Backend};
use crate::store::ArchiveStore as _;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How late a segment may be erased. Reads go by the clock and never show it late.
const PERIOD: Duration = Duration::from_secs(1);
/// Segments, and contents of up to 256 KiB, erased in one transaction, so that no request waits long behind it.
const AT_ONCE: u16 = 16;

/// Erases segments that are over and what was removed from archives, for as long as it is polled.
pub(crate) async fn keep_clear<B: Backend>(app: App<B>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        loop {
            match app.accounts.sweep_archives(app.now(), AT_ONCE).await {
                Ok(swept) if swept.more => tokio::task::yield_now().await,
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "archives could not be swept; later"
                    );
                    break;
                }
            }
        }
    }
}
