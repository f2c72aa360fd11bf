//! What has to be done now and then.

use crate::app::{App, Backend};
use crate::departed;
use crate::store::{
    BanStore as _, CaptchaStore as _, DeviceLinkStore as _, GroupStore as _, InviteStore as _,
    KeyPackageStore as _, ReportStore as _, SessionStore as _,
};
use sotto_protocol::{Timestamp, limits};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const PERIOD: Duration = Duration::from_mins(15);

/// How long a request to be let into a group waits.
const JOIN_REQUEST_MILLIS: u64 = 30 * 24 * 60 * 60 * 1000;

/// How long an invite is still shown to operators after its time is over.
const INVITE_SHOWN_MILLIS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Forgets sessions, captchas, bans, invites, reports, requests and KeyPackages whose time is over, and finishes departures and deletions that were interrupted: at once,
/// then now and then, for as long as it is polled.
pub(crate) async fn run<B: Backend>(app: App<B>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = app.accounts.purge_expired_sessions(app.now()).await {
            tracing::warn!(%error, "expired sessions cannot be forgotten; later");
        }
        if let Err(error) = app.accounts.purge_device_links(app.now()).await {
            tracing::warn!(%error, "device links whose time is over cannot be forgotten; later");
        }
        if let Err(error) = app.accounts.purge_captchas(app.now()).await {
            tracing::warn!(%error, "captchas whose time is over cannot be forgotten; later");
        }
        if let Err(error) = app.accounts.purge_bans(app.now()).await {
            tracing::warn!(%error, "bans whose time is over cannot be forgotten; later");
        }
        let before = Timestamp(app.now().0.saturating_sub(INVITE_SHOWN_MILLIS));
        if let Err(error) = app.accounts.purge_invites(before).await {
            tracing::warn!(%error, "invites whose time is over cannot be forgotten; later");
        }
        let kept = u64::try_from(app.config.reports.kept().as_millis()).unwrap_or(u64::MAX);
        let before = Timestamp(app.now().0.saturating_sub(kept));
        if let Err(error) = app.accounts.purge_reports(before).await {
            tracing::warn!(%error, "reports that were handled long ago cannot be forgotten; later");
        }
        let before = Timestamp(app.now().0.saturating_sub(JOIN_REQUEST_MILLIS));
        if let Err(error) = app.accounts.purge_join_requests(before).await {
            tracing::warn!(%error, "old requests to join groups cannot be forgotten; later");
        }
        let before = Timestamp(app.now().0.saturating_sub(limits::KEY_PACKAGE_SHELF_MILLIS));
        if let Err(error) = app.accounts.purge_key_packages(before).await {
            tracing::warn!(%error, "expired KeyPackages cannot be deleted; later");
        }
        if let Err(error) = app.delivery.complete_deletions().await {
            tracing::warn!(%error, "groups that are being deleted stay for now; later");
        }
        departed::let_go(&app).await;
    }
}
