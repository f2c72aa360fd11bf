//! What has to be done now and then.

use crate::app::{App, Backend};
use crate::departed;
use crate::store::SessionStore as _;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const PERIOD: Duration = Duration::from_mins(15);

/// Forgets sessions whose time is over and finishes departures that were interrupted: at once, then now and then, for
/// as long as it is polled.
pub(crate) async fn run<B: Backend>(app: App<B>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = app.accounts.purge_expired_sessions(app.now()).await {
            tracing::warn!(%error, "expired sessions cannot be forgotten; later");
        }
        departed::let_go(&app).await;
    }
}
