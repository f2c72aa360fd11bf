//! The devices of a run: who connects, from where, to talk in which chat.

use super::super::device::{Confirmation, DeviceSession, Habits, Place};
use super::super::engine::Clients;
use super::super::options::Common;
use super::super::run::Plan;
use super::super::scene::Scene;
use anyhow::{Context as _, Result};
use rand_core::Rng as _;
use sotto_protocol::Retention;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

/// Connections from one source address. It has about 28,000 ports, but the system looks for a free one by trying.
const CONNECTIONS_PER_ADDRESS: usize = 200;

/// The devices of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Devices<'a> {
    pub(super) scene: &'a Scene,
    payload: usize,
    retention: Retention,
    /// The run's own number.
    pub(super) run: u16,
    confirmation: Confirmation,
}

impl<'a> Devices<'a> {
    pub(super) fn new(scene: &'a Scene, common: &Common, confirmation: Confirmation) -> Self {
        let mut run = [0; 2];
        rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut run);
        Self {
            scene,
            payload: common.payload,
            retention: match common.keep_for {
                0 => Retention::Keep,
                seconds => Retention::For { seconds },
            },
            run: u16::from_ne_bytes(run),
            confirmation,
        }
    }

    /// For the devices of one thread.
    pub(super) fn habits(&self) -> Rc<Habits> {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let host = self.scene.address.to_string();
        Rc::new(Habits::new(
            host,
            self.run,
            self.payload,
            self.retention,
            self.confirmation,
            &mut rng,
        ))
    }

    /// Adds the device of account number so-and-so, to talk in this chat.
    pub(super) fn add(
        &self,
        clients: &mut Clients<DeviceSession>,
        habits: &Rc<Habits>,
        account: usize,
        place: Place,
    ) -> Result<()> {
        let roster = &self.scene.roster;
        let token = &roster
            .accounts
            .get(account)
            .context("the roster is too short")?
            .tokens
            .access_token;
        let session = DeviceSession::new(Rc::clone(habits), token.reveal().into(), place);
        clients.add(session, source(self.scene.address, self.run, account));
        Ok(())
    }

    /// Adds both devices of these pairs.
    pub(super) fn add_pairs(
        &self,
        clients: &mut Clients<DeviceSession>,
        habits: &Rc<Habits>,
        pairs: Range<usize>,
    ) -> Result<()> {
        for pair in pairs {
            let &chat = self
                .scene
                .roster
                .pairs
                .get(pair)
                .context("the roster is too short")?;
            let place = Place::new(chat);
            self.add(clients, habits, pair * 2, place)?;
            self.add(clients, habits, pair * 2 + 1, place)?;
        }
        Ok(())
    }
}

/// A plan of a run in this scene.
pub(super) fn plan(scene: &Scene, common: &Common, connections: usize) -> Plan {
    Plan {
        address: scene.address,
        tls: scene.tls.clone(),
        processes: scene.processes.clone(),
        load_cores: scene.load_cores.clone(),
        connections,
        warm_up: Duration::from_secs(common.warm_up),
        measured: Duration::from_secs(common.seconds),
    }
}

/// Which part of so many is a worker's.
pub(crate) fn share(all: usize, worker: usize, workers: usize) -> Range<usize> {
    let begin = |worker: usize| all * worker / workers.max(1);
    begin(worker)..begin(worker + 1)
}

/// The address on the loopback that connection number so-and-so to the server there comes from: another one in each run,
/// for the ports of the last run's connections are not free yet.
fn source(server: SocketAddr, run: u16, number: usize) -> Option<Ipv4Addr> {
    if !server.ip().is_loopback() || server.is_ipv6() {
        return None;
    }
    let [_, network] = run.to_be_bytes();
    let host = u16::try_from(1 + number / CONNECTIONS_PER_ADDRESS).unwrap_or(u16::MAX);
    let [high, low] = host.to_be_bytes();
    Some(Ipv4Addr::new(127, network, high, low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workers_shares_are_all_and_none_twice() {
        for (all, workers) in [(0, 1), (1, 3), (100, 7), (9_500, 2)] {
            let shares: Vec<_> = (0..workers)
                .flat_map(|worker| share(all, worker, workers))
                .collect();
            assert_eq!(shares, (0..all).collect::<Vec<_>>());
        }
    }
}
