//! Direct messages.

use super::super::device::{Confirmation, DeviceSession, Habits};
use super::super::engine::Clients;
use super::super::options::Common;
use super::super::report::Report;
use super::super::run::{Plan, Ran, run};
use super::super::scene::{Need, Scene};
use super::super::workload::{Done, Pace, Pairs};
use anyhow::{Context as _, Result, bail};
use rand_core::Rng as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

/// Addresses that connections come from, each for so many: a source address has no more ports than that.
const CONNECTIONS_PER_ADDRESS: usize = 20_000;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Direct {
    pub(crate) pairs: usize,
    pub(crate) outstanding: u32,
    /// Messages a second in all.
    pub(crate) rate: Option<f64>,
    pub(crate) receipts: bool,
}

impl Direct {
    fn what(&self) -> String {
        let how = match self.rate {
            Some(rate) => format!("{rate:.0} messages a second by a schedule"),
            None => format!("{} outstanding each", self.outstanding),
        };
        let receipts = if self.receipts {
            ", done when the recipient's marker is back"
        } else {
            ""
        };
        format!("direct: {} pairs, {how}{receipts}", self.pairs)
    }

    fn pace(&self, workers: usize) -> Pace {
        match self.rate {
            #[allow(clippy::cast_precision_loss, reason = "there are not that many cores")]
            Some(rate) => Pace::Open {
                per_second: rate / workers as f64,
            },
            None => Pace::Closed {
                outstanding: self.outstanding,
            },
        }
    }
}

pub(super) fn measure(direct: &Direct, common: &Common) -> Result<Report> {
    let need = Need {
        accounts: direct.pairs * 2,
        pairs: direct.pairs,
    };
    let what = direct.what();
    println!("{what}");
    let scene = Scene::set(common, need)?;
    let ran = in_scene(direct, &scene, common)?;
    Ok(Report::new(what, need.accounts, &ran, scene.strike(common)?))
}

/// Runs against a server that is there.
pub(crate) fn in_scene(direct: &Direct, scene: &Scene, common: &Common) -> Result<Ran> {
    let plan = Plan {
        address: scene.address,
        processes: scene.processes.clone(),
        load_cores: scene.load_cores.clone(),
        connections: direct.pairs * 2,
        warm_up: Duration::from_secs(common.warm_up),
        measured: Duration::from_secs(common.seconds),
    };
    run_pairs(&plan, scene, common, direct.pairs, direct.receipts, |workers| {
        direct.pace(workers)
    })
}

/// Runs pairs at a pace, of which it is asked for each of so many workers.
pub(super) fn run_pairs(
    plan: &Plan,
    scene: &Scene,
    common: &Common,
    pairs: usize,
    receipts: bool,
    pace: impl Fn(usize) -> Pace + Sync,
) -> Result<Ran> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let id = u16::try_from(rng.next_u32() & 0xffff).unwrap_or_default();
    let (confirmation, done) = if receipts {
        (Confirmation::Marker, Done::Confirmed)
    } else {
        (Confirmation::Cursor, Done::Delivered)
    };
    run(plan, |worker, workers, clients| {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let host = scene.address.to_string();
        let habits = Rc::new(Habits::new(host, id, common.payload, confirmation, &mut rng));
        let (first, count) = share(pairs, worker, workers);
        for pair in first..first + count {
            add_pair(clients, &habits, scene, pair)?;
        }
        let first = u16::try_from(first).context("more than 65,536 pairs")?;
        Ok(Pairs::new(clients, id, first, pace(workers), done))
    })
}

/// Which part of so many is a worker's: the first and how many.
pub(super) fn share(all: usize, worker: usize, workers: usize) -> (usize, usize) {
    let begin = |worker: usize| all * worker / workers.max(1);
    (begin(worker), begin(worker + 1) - begin(worker))
}

fn add_pair(
    clients: &mut Clients<DeviceSession>,
    habits: &Rc<Habits>,
    scene: &Scene,
    pair: usize,
) -> Result<()> {
    let accounts = scene.roster.accounts.get(pair * 2..pair * 2 + 2);
    let (Some(accounts), Some(&chat)) = (accounts, scene.roster.pairs.get(pair)) else {
        bail!("the roster is too short");
    };
    for (account, number) in accounts.iter().zip(pair * 2..) {
        let token = account.tokens.access_token.reveal().into();
        let session = DeviceSession::new(Rc::clone(habits), token, chat);
        clients.add(session, source(scene.address, number));
    }
    Ok(())
}

/// The address on the loopback that connection number so-and-so to the server there comes from.
pub(super) fn source(server: SocketAddr, number: usize) -> Option<Ipv4Addr> {
    if !server.ip().is_loopback() || server.is_ipv6() {
        return None;
    }
    let last = u8::try_from(1 + number / CONNECTIONS_PER_ADDRESS).unwrap_or(u8::MAX);
    Some(Ipv4Addr::new(127, 0, 0, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workers_shares_are_all_and_none_twice() {
        for (all, workers) in [(0, 1), (1, 3), (100, 7), (9_500, 2)] {
            let mut next = 0;
            for worker in 0..workers {
                let (first, count) = share(all, worker, workers);
                assert_eq!(first, next);
                next += count;
            }
            assert_eq!(next, all);
        }
    }
}
