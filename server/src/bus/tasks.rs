//! The two tasks of a bus: one takes what comes, one sends what waits.

use super::handle::{Bus, LocalNode};
use super::network::{Incoming, Joined, Network, NetworkError, Outgoing};
use super::sending::HEARTBEAT;
use crate::telemetry::metrics::METRICS;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

/// How often it is looked what is due.
const TICK: Duration = Duration::from_millis(250);
/// How long a departure may take.
const DEPARTURE: Duration = Duration::from_secs(2);
/// How long a node that starts waits for the others, so that it knows them before it accepts anything.
const ACQUAINTANCE: Duration = Duration::from_millis(300);

/// A bus in its network.
pub(crate) struct RunningBus {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl RunningBus {
    /// Says to the other nodes that this one departs, and leaves the network.
    pub(crate) async fn depart(self) {
        self.stop.cancel();
        for mut task in self.tasks {
            match timeout(2 * DEPARTURE, &mut task).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a task of the bus did not end well"
                ),
                Err(_) => {
                    tracing::error!("a task of the bus did not end");
                    task.abort();
                }
            }
        }
    }
}

impl Bus {
    /// Joins a network. Waits a moment for the other nodes if it can be reached; if not, it is tried in the background.
    pub(crate) async fn join(
        self: &Arc<Self>,
        network: impl Network,
        local: Arc<dyn LocalNode>,
    ) -> Result<RunningBus, NetworkError> {
        let Joined {
            outgoing,
            incoming,
            is_connected,
        } = network.join(self.node, self.prefix.clone()).await?;
        let stop = CancellationToken::new();
        let receiving = tokio::spawn(receive(
            Arc::clone(self),
            incoming,
            Arc::clone(&local),
            stop.clone(),
        ));
        let sending = tokio::spawn(send(
            Arc::clone(self),
            outgoing,
            is_connected.clone(),
            local,
            stop.clone(),
        ));
        let mut connected = is_connected;
        let acquaintance = async {
            if connected.wait_for(|connected| *connected).await.is_ok() {
                tokio::time::sleep(ACQUAINTANCE).await;
            }
        };
        // Not in time: it goes on in the background.
        let _ = timeout(2 * ACQUAINTANCE, acquaintance).await;
        Ok(RunningBus {
            stop,
            tasks: vec![receiving, sending],
        })
    }
}

async fn receive(
    bus: Arc<Bus>,
    mut incoming: BoxStream<'static, Incoming>,
    local: Arc<dyn LocalNode>,
    stop: CancellationToken,
) {
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => return,
            next = incoming.next() => next,
        };
        let Some(Incoming { to, message }) = next else {
            tracing::error!("the network of the bus has ended");
            return;
        };
        bus.receive(Instant::now(), to, &message, &*local);
    }
}

async fn send(
    bus: Arc<Bus>,
    outgoing: Box<dyn Outgoing>,
    mut is_connected: watch::Receiver<bool>,
    local: Arc<dyn LocalNode>,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(TICK.min(HEARTBEAT));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lost = is_connected.clone();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = bus.wake.notified() => {}
            _ = ticks.tick() => {}
            changed = is_connected.changed() => if changed.is_err() { break },
        }
        note_connection(&bus, *is_connected.borrow_and_update());
        bus.forget_silent(Instant::now(), &*local);
        while *is_connected.borrow() {
            let outbound = bus.collect(Instant::now(), outgoing.bytes_max(), &*local);
            let publish = async {
                for (to, message) in outbound.messages {
                    outgoing.publish(to, message).await;
                }
            };
            // What is not published is missed by its number.
            tokio::select! {
                () = publish => {}
                () = stop.cancelled() => break,
                _ = lost.wait_for(|is_connected| !is_connected) => break,
            }
            if !outbound.is_cut {
                break;
            }
        }
    }
    let departure = async {
        let messages = bus.collect_departure(outgoing.bytes_max(), &*local);
        for (to, message) in messages {
            outgoing.publish(to, Bytes::clone(&message)).await;
        }
        outgoing.flush().await;
    };
    if *is_connected.borrow() && timeout(DEPARTURE, departure).await.is_err() {
        tracing::warn!("the other nodes could not be told of the departure");
    }
}

fn note_connection(bus: &Bus, is_connected: bool) {
    METRICS.bus_connected.set(usize::from(is_connected));
    let has_changed = bus.is_connected.send_replace(is_connected).ne(&is_connected);
    if has_changed && is_connected {
        tracing::info!(node = %bus.node, "the bus is connected");
    } else if has_changed {
        tracing::warn!("the bus is not connected: devices on other nodes hear of messages late");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::network::Destination;
    use crate::bus::node::NodeId;
    use crate::bus::{BusKey, ConnectionStamp, PartOfDevices, Relay, Slot};
    use crate::clock::SystemClock;
    use futures_util::FutureExt as _;
    use futures_util::future::{self, BoxFuture};
    use futures_util::stream;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng as _;
    use sotto_protocol::{DeviceAddress, Timestamp};
    use tokio::sync::mpsc;

    /// A network that can be reached and takes nothing; it says when it is asked to.
    struct Stuck {
        is_connected: watch::Receiver<bool>,
        asked: mpsc::UnboundedSender<()>,
    }

    impl Network for Stuck {
        fn join(self, _: NodeId, _: String) -> BoxFuture<'static, Result<Joined, NetworkError>> {
            let joined = Joined {
                is_connected: self.is_connected.clone(),
                outgoing: Box::new(self),
                incoming: stream::pending().boxed(),
            };
            future::ready(Ok(joined)).boxed()
        }
    }

    impl Outgoing for Stuck {
        fn publish(&self, _: Destination, _: Bytes) -> BoxFuture<'_, ()> {
            self.asked.send(()).ok();
            future::pending().boxed()
        }

        fn bytes_max(&self) -> usize {
            1024 * 1024
        }

        fn flush(&self) -> BoxFuture<'_, ()> {
            future::pending().boxed()
        }
    }

    struct Alone;

    impl LocalNode for Alone {
        fn relayed(&self, _: Slot, _: Relay<&[u8]>) {}
        fn connected_elsewhere(&self, _: DeviceAddress, _: ConnectionStamp) {}
        fn gone(&self, _: Slot) {}
        fn missed(&self, _: Timestamp) {}

        fn settled(&self) -> Timestamp {
            Timestamp(0)
        }

        fn connected_devices(&self, _: usize, _: &mut dyn FnMut()) -> PartOfDevices {
            None
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_that_takes_nothing_is_given_up_when_it_is_lost_and_holds_no_departure_up() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let bus = Bus::new(&BusKey::from_bytes([3; 32]), &mut rng, Arc::new(SystemClock));
        let (connection, is_connected) = watch::channel(true);
        let (asked, mut asks) = mpsc::unbounded_channel();
        let running = bus
            .join(Stuck { is_connected, asked }, Arc::new(Alone))
            .await
            .unwrap();
        asks.recv().await.unwrap();
        let mut state = bus.is_connected.subscribe();
        connection.send_replace(false);
        state.wait_for(|is_connected| !is_connected).await.unwrap();
        connection.send_replace(true);
        asks.recv().await.unwrap();
        running.depart().await;
    }
}
