//! Picks those who are to be woken, and lets each be woken by a task of its own.

use crate::app::{App, Backend};
use crate::delivery::{Gone, Listener, Wake, Wakes};
use crate::store::{BlockStore as _, NotificationStore as _, StoreError, Subscription};
use crate::telemetry::metrics::{METRICS, PushOutcome};
use sotto_protocol::{AccountId, DeviceAddress};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

/// Entries that are looked at together.
const TOGETHER: usize = 256;
/// Devices that one look into the database is for.
const DEVICES: usize = 1000;
/// Wake-ups under way, those among them that wait to be tried again.
const UNDER_WAY: usize = 1024;
/// How often it is looked whether somebody is to be woken again.
const LOOKING: Duration = Duration::from_secs(1);

/// How long after its connection has ended it is looked what a device has not seen: what it has acknowledged is written by then, and
/// it may be back.
const SETTLING: Duration = Duration::from_secs(3);

/// Wakes devices for which something is stored while they are not connected, for as long as it is polled.
pub(crate) async fn run<B: Backend>(app: App<B>, listener: Listener) {
    let Listener { wakes, stored, gone } = listener;
    if !app.push.is_able() {
        return;
    }
    let room = Arc::new(Semaphore::new(UNDER_WAY));
    tokio::join!(
        look_at_stored(&app, &wakes, &room, stored),
        look_after_gone(&app, &wakes, &room, gone)
    );
}

async fn look_at_stored<B: Backend>(
    app: &App<B>,
    wakes: &Wakes,
    room: &Arc<Semaphore>,
    mut stored: Receiver<Wake>,
) {
    let mut ticks = interval(LOOKING);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut together = Vec::new();
    loop {
        let chosen = tokio::select! {
            count = stored.recv_many(&mut together, TOGETHER) => {
                if count == 0 {
                    return;
                }
                wakes.taken(&together);
                let together = std::mem::take(&mut together);
                choose(app, &together).await
            }
            _ = ticks.tick() => {
                let again = wakes.over(Instant::now(), app.config.push.interval());
                subscriptions(app, &again).await.map(|found| found.into_values().collect())
            }
        };
        begin_all(app, wakes, room, chosen);
    }
}

/// A connection may have been dead before that was noticed, and what went into it is lost: its device is woken if there is something
/// that it has not acknowledged.
async fn look_after_gone<B: Backend>(
    app: &App<B>,
    wakes: &Wakes,
    room: &Arc<Semaphore>,
    mut gone: Receiver<Gone>,
) {
    let mut together = Vec::new();
    while gone.recv_many(&mut together, TOGETHER).await > 0 {
        if let Some(last) = together.last() {
            sleep_until(last.since + SETTLING).await;
        }
        let together = std::mem::take(&mut together);
        begin_all(app, wakes, room, choose_gone(app, &together).await);
    }
}

/// The subscriptions of those who have not seen something.
async fn choose_gone<B: Backend>(app: &App<B>, gone: &[Gone]) -> Result<Vec<Subscription>, StoreError> {
    let away: HashMap<DeviceAddress, Gone> = gone
        .iter()
        .filter(|gone| !app.delivery.is_connected_here(gone.device))
        .map(|gone| (gone.device, *gone))
        .collect();
    let devices: Vec<_> = away.keys().copied().collect();
    let mut chosen = Vec::new();
    for (device, subscription) in subscriptions(app, &devices).await? {
        let Some(gone) = away.get(&device) else {
            continue;
        };
        for (chat, from) in app.delivery.unseen(device, gone.at).await? {
            let is_wanted = !subscription.quiet_chats.contains(&chat)
                && app
                    .accounts
                    .blockers_of(from, &[device.account])
                    .await?
                    .is_empty();
            if is_wanted {
                chosen.push(subscription);
                break;
            }
        }
    }
    Ok(chosen)
}

fn begin_all<B: Backend>(
    app: &App<B>,
    wakes: &Wakes,
    room: &Arc<Semaphore>,
    chosen: Result<Vec<Subscription>, StoreError>,
) {
    match chosen {
        Ok(chosen) => chosen.into_iter().for_each(|to| begin(app, wakes, room, to)),
        Err(error) => {
            METRICS.push.of(PushOutcome::Dropped).increment();
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "whom to wake could not be read"
            );
        }
    }
}

/// The subscriptions of those who are to be woken for what was stored, as far as that is known without asking other nodes.
async fn choose<B: Backend>(app: &App<B>, stored: &[Wake]) -> Result<Vec<Subscription>, StoreError> {
    let away: BTreeSet<DeviceAddress> = stored
        .iter()
        .flat_map(|wake| &wake.devices)
        .filter(|device| !app.delivery.is_connected_here(**device))
        .copied()
        .collect();
    let away: Vec<_> = away.into_iter().collect();
    let mut subscribed = subscriptions(app, &away).await?;
    let mut chosen = Vec::new();
    for wake in stored {
        let wants = |device: &&DeviceAddress| {
            let subscription = subscribed.get(device);
            subscription.is_some_and(|subscription| !subscription.quiet_chats.contains(&wake.chat))
        };
        let devices: Vec<DeviceAddress> = wake.devices.iter().filter(wants).copied().collect();
        let accounts: BTreeSet<AccountId> = devices.iter().map(|device| device.account).collect();
        let accounts: Vec<_> = accounts.into_iter().collect();
        if accounts.is_empty() {
            continue;
        }
        let blockers = app.accounts.blockers_of(wake.from, &accounts).await?;
        let willing = devices
            .iter()
            .filter(|device| !blockers.contains(&device.account));
        // Of what is looked at together, once for each device: taken out, none wants it a second time.
        chosen.extend(willing.filter_map(|device| subscribed.remove(device)));
    }
    Ok(chosen)
}

async fn subscriptions<B: Backend>(
    app: &App<B>,
    devices: &[DeviceAddress],
) -> Result<HashMap<DeviceAddress, Subscription>, StoreError> {
    let mut found = HashMap::new();
    for devices in devices.chunks(DEVICES) {
        let some = app.accounts.subscriptions(devices, app.now()).await?;
        found.extend(
            some.into_iter()
                .map(|subscription| (subscription.device, subscription)),
        );
    }
    Ok(found)
}

/// Begins to wake a device, unless that was done a moment ago.
fn begin<B: Backend>(app: &App<B>, wakes: &Wakes, room: &Arc<Semaphore>, to: Subscription) {
    if !wakes.begin(to.device, Instant::now()) {
        return;
    }
    let Ok(permit) = Arc::clone(room).try_acquire_owned() else {
        wakes.give_up(to.device);
        METRICS.push.of(PushOutcome::Dropped).increment();
        return;
    };
    let (app, wakes) = (app.clone(), wakes.clone());
    tokio::spawn(async move {
        if app.delivery.is_connected(to.device).await {
            wakes.give_up(to.device);
            return;
        }
        let outcome = app.push.send(&to).await;
        METRICS.push.of(outcome).increment();
        if outcome == PushOutcome::Gone
            && let Err(error) = app
                .accounts
                .forget_subscription(to.device, Some(&to.endpoint))
                .await
        {
            tracing::warn!(%error, "a subscription that is gone is kept until the next wake-up");
        }
        drop(permit);
    });
}
