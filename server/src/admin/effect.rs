//! What follows at once from what was done: connections end, and devices are told.

use crate::app::{App, Backend};
use crate::departed;
use crate::http::sessions;
use crate::store::{AdminStore as _, BanStore as _, DeviceStore as _, StoreError};
use sotto_protocol::frame::Goodbye;
use sotto_protocol::rest::admin::{AdminAct, AdminChange};
use sotto_protocol::{AccountId, DeviceAddress};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often a node looks for what others have done. Nodes tell each other, so this is for the command line, which tells nobody, and
/// for what a bus has lost.
const PERIOD: Duration = Duration::from_secs(1);
/// Acts in one look.
const ACTS: u16 = 100;

/// Lets what this node has done take effect on all nodes.
pub(crate) async fn take_effect<B: Backend>(app: &App<B>, act: &AdminAct) -> Result<(), StoreError> {
    match &act.change {
        AdminChange::Banned { subject, .. }
        | AdminChange::BotRevoked {
            subject: Some(subject),
            ..
        } => {
            for address in devices(app, subject.account).await? {
                sessions::banned(app, address);
            }
        }
        AdminChange::RoleSet { subject, .. } => app.delivery.role_changed(subject.account),
        // Who is let in again comes by themselves; the others concern what is read anew each time.
        AdminChange::Unbanned { .. }
        | AdminChange::AccountDeleted { .. }
        | AdminChange::InviteCreated { .. }
        | AdminChange::InviteRevoked { .. }
        | AdminChange::RoleChanged { .. }
        | AdminChange::RoleDeleted { .. }
        | AdminChange::ReportHandled { .. }
        | AdminChange::CommunityDeleted { .. }
        | AdminChange::BroadcastSet { .. }
        | AdminChange::BotCreated { .. }
        | AdminChange::BotRevoked { subject: None, .. } => {}
    }
    Ok(())
}

/// Lets what others have done take effect on this node, for as long as it is polled.
pub(crate) async fn follow<B: Backend>(app: App<B>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // What was done before this node began has its effect already: it knows nobody yet.
    let mut last = None;
    loop {
        ticks.tick().await;
        let seen = match last {
            None => app.accounts.last_act().await,
            Some(last) => catch_up(&app, last).await,
        };
        match seen {
            Ok(seen) => last = Some(seen),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what administrators have done cannot be read; later"
                );
            }
        }
    }
}

/// Returns the last act that has taken effect.
async fn catch_up<B: Backend>(app: &App<B>, last: u64) -> Result<u64, StoreError> {
    let mut last = last;
    loop {
        let acts = app.accounts.acts_after(last, ACTS).await?;
        let is_last_page = acts.len() < usize::from(ACTS);
        for act in acts {
            take_effect_here(app, &act).await?;
            last = act.act;
        }
        if is_last_page {
            return Ok(last);
        }
    }
}

async fn take_effect_here<B: Backend>(app: &App<B>, act: &AdminAct) -> Result<(), StoreError> {
    match &act.change {
        AdminChange::Banned { subject, .. }
        | AdminChange::BotRevoked {
            subject: Some(subject),
            ..
        } => {
            // It may have been lifted since.
            if app.accounts.ban_of(subject.account, app.now()).await?.is_some() {
                for address in devices(app, subject.account).await? {
                    app.live_sessions.ended(address.device);
                    app.delivery.disconnect_here(address, Goodbye::Banned);
                }
            }
        }
        AdminChange::RoleSet { subject, .. } => app.delivery.role_changed_here(subject.account),
        AdminChange::AccountDeleted { subject } => {
            tracing::info!(account = ?subject.account, "an account was deleted from the command line");
            for address in app.delivery.connected_devices(subject.account) {
                sessions::ended(app, address);
            }
            departed::let_go(app).await;
        }
        AdminChange::Unbanned { .. }
        | AdminChange::InviteCreated { .. }
        | AdminChange::InviteRevoked { .. }
        | AdminChange::RoleChanged { .. }
        | AdminChange::RoleDeleted { .. }
        | AdminChange::ReportHandled { .. }
        | AdminChange::CommunityDeleted { .. }
        | AdminChange::BroadcastSet { .. }
        | AdminChange::BotCreated { .. }
        | AdminChange::BotRevoked { subject: None, .. } => {}
    }
    Ok(())
}

async fn devices<B: Backend>(app: &App<B>, account: AccountId) -> Result<Vec<DeviceAddress>, StoreError> {
    let devices = app.accounts.devices(account).await?;
    Ok(devices
        .into_iter()
        .map(|device| DeviceAddress {
            account,
            device: device.device,
        })
        .collect())
}
