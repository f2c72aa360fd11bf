//! One peer after the other, with the same work.

use super::Cli;
use super::programs::{self, EjabberdArchive, Place, Program, ProsodyArchive};
use super::wire::{Habits, MqttSession, NatsSession, QualityOfService, Seat, XmppSession};
use crate::load::engine::Messenger;
use crate::load::machine::{raise_open_files, sync_cost};
use crate::load::modes::{Direct, share};
use crate::load::options;
use crate::load::report::{Outcome as _, Report};
use crate::load::run::{Plan, Ran, per, run};
use crate::load::workload::{Done, Pace, Pairs};
use anyhow::{Context as _, Result, bail};
use clap::Parser as _;
use serde::Serialize;
use std::rc::Rc;
use std::time::Duration;

/// Pairs with several messages of each under way, where batching helps.
const PAIRS: usize = 100;
const OUTSTANDING: u32 = 8;
/// Before what is measured.
const WARM_UP: Duration = Duration::from_secs(2);

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Sotto,
    Ejabberd(EjabberdArchive),
    Prosody(ProsodyArchive),
    Mosquitto(QualityOfService),
    Nats,
}

/// What a peer can do.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    /// 100 pairs with 8 messages under way: messages confirmed a second, and the server's processor time each.
    pub(super) pairs_per_second: f64,
    pub(super) pairs_micros: f64,
    /// Many pairs with one message under way.
    pub(super) many_per_second: f64,
    pub(super) many_micros: f64,
    /// Private memory a connection.
    pub(super) kib_each: f64,
    /// Clients that connected and logged in, a second, 128 at a time.
    pub(super) logins_per_second: f64,
    /// The median of a page's `fdatasync`.
    pub(super) sync_ms: f64,
    /// Whether every message was confirmed in the end.
    pub(super) is_sound: bool,
}

impl Peer {
    pub(super) const ALL: [Self; 11] = [
        Self::Sotto,
        Self::Ejabberd(EjabberdArchive::Off),
        Self::Ejabberd(EjabberdArchive::Mnesia),
        Self::Ejabberd(EjabberdArchive::Sqlite),
        Self::Ejabberd(EjabberdArchive::Postgres),
        Self::Prosody(ProsodyArchive::Off),
        Self::Prosody(ProsodyArchive::Internal),
        Self::Prosody(ProsodyArchive::Sqlite),
        Self::Mosquitto(QualityOfService::AtMostOnce),
        Self::Mosquitto(QualityOfService::AtLeastOnce),
        Self::Nats,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sotto => "Sotto, SQLite, synchronous = FULL",
            Self::Ejabberd(EjabberdArchive::Off) => "ejabberd, archive off",
            Self::Ejabberd(EjabberdArchive::Mnesia) => "ejabberd, archive in mnesia",
            Self::Ejabberd(EjabberdArchive::Sqlite) => "ejabberd, archive in SQLite",
            Self::Ejabberd(EjabberdArchive::Postgres) => "ejabberd, archive in PostgreSQL",
            Self::Prosody(ProsodyArchive::Off) => "Prosody, archive off",
            Self::Prosody(ProsodyArchive::Internal) => "Prosody, archive in files",
            Self::Prosody(ProsodyArchive::Sqlite) => "Prosody, archive in SQLite",
            Self::Mosquitto(QualityOfService::AtMostOnce) => "mosquitto, QoS 0",
            Self::Mosquitto(QualityOfService::AtLeastOnce) => "mosquitto, QoS 1",
            Self::Nats => "NATS core",
        }
    }

    /// Whether a client logs in with a password or token.
    pub(super) fn has_logins(self) -> bool {
        matches!(self, Self::Sotto | Self::Ejabberd(_) | Self::Prosody(_))
    }

    pub(super) fn measure(self, cli: &Cli) -> Result<Figures> {
        raise_open_files(cli.connections as u64)?;
        std::fs::create_dir_all(&cli.state)?;
        let sync_ms = sync_cost(&cli.state)?.as_secs_f64() * 1e3;
        let (few, many) = match self {
            Self::Sotto => return sotto(cli, sync_ms),
            _ => (
                self.work(cli, PAIRS, OUTSTANDING)?,
                self.work(cli, cli.connections / 2, 1)?,
            ),
        };
        let connections = per(cli.connections as u64, 1.0);
        Ok(Figures {
            pairs_per_second: few.arrivals_per_second(),
            pairs_micros: micros(&few),
            many_per_second: many.arrivals_per_second(),
            many_micros: micros(&many),
            kib_each: per(
                many.connected.private.saturating_sub(many.at_first.private),
                1024.0 * connections,
            ),
            logins_per_second: connections / many.connected_in.as_secs_f64(),
            sync_ms,
            is_sound: few.unsettled + many.unsettled == 0,
        })
    }

    /// A new server, and pairs that talk on it.
    fn work(self, cli: &Cli, pairs: usize, outstanding: u32) -> Result<Ran> {
        let (server_cores, _) = cores(cli)?;
        let place = Place {
            state: cli.state.canonicalize()?,
            cores: server_cores,
            accounts: pairs * 2,
        };
        match self {
            Self::Sotto => bail!("Sotto is measured by its own generator"),
            Self::Ejabberd(archive) => talk(
                cli,
                &programs::ejabberd(&place, archive)?,
                pairs,
                outstanding,
                XmppSession::new,
            ),
            Self::Prosody(archive) => talk(
                cli,
                &programs::prosody(&place, archive)?,
                pairs,
                outstanding,
                XmppSession::new,
            ),
            Self::Mosquitto(quality) => talk(
                cli,
                &programs::mosquitto(&place)?,
                pairs,
                outstanding,
                |habits, seat| MqttSession::new(habits, seat, quality),
            ),
            Self::Nats => talk(
                cli,
                &programs::nats(&place)?,
                pairs,
                outstanding,
                NatsSession::new,
            ),
        }
    }
}

fn talk<S: Messenger>(
    cli: &Cli,
    program: &Program,
    pairs: usize,
    outstanding: u32,
    session: impl Fn(Rc<Habits>, Seat) -> S + Sync,
) -> Result<Ran> {
    let plan = Plan {
        address: program.address(),
        tls: None,
        processes: program.processes()?,
        load_cores: cores(cli)?.1,
        connections: pairs * 2,
        warm_up: WARM_UP,
        measured: Duration::from_secs(cli.seconds),
    };
    let id = 1;
    run(&plan, |worker, workers, clients| {
        let habits = Rc::new(Habits {
            run: id,
            payload: cli.payload,
        });
        let share = share(pairs, worker, workers);
        for pair in share.clone() {
            for sends in [true, false] {
                clients.add(session(Rc::clone(&habits), Seat { pair, sends }), None);
            }
        }
        let first = u16::try_from(share.start).context("more than 65,536 pairs")?;
        let count = u16::try_from(share.len()).context("more than 65,536 pairs")?;
        let pace = Pace::Closed { outstanding };
        Ok(Pairs::new(count, id, first, pace, Done::Confirmed))
    })
}

/// Sotto by the same engine: durable, a message done when the recipient's marker is back.
fn sotto(cli: &Cli, sync_ms: f64) -> Result<Figures> {
    let common = common(cli)?;
    let direct = |pairs, outstanding| Direct {
        pairs,
        outstanding,
        rate: None,
        receipts: true,
    };
    let few: Report = direct(PAIRS, OUTSTANDING).measure(&common)?;
    let many: Report = direct(cli.connections / 2, 1).measure(&common)?;
    Ok(Figures {
        pairs_per_second: few.delivered_per_second,
        pairs_micros: few.server_micros_per_message,
        many_per_second: many.delivered_per_second,
        many_micros: many.server_micros_per_message,
        kib_each: many.connected_kib_each,
        logins_per_second: many.connected_per_second,
        sync_ms,
        is_sound: few.is_good() && many.is_good(),
    })
}

/// What the generator would be told on its own command line.
fn common(cli: &Cli) -> Result<options::Common> {
    let (server, load) = cores(cli)?;
    let mut common = options::Cli::try_parse_from(["sotto-load", "direct"])?.common;
    common.server_binary = Some(cli.server_binary.clone());
    common.state.clone_from(&cli.state);
    common.server_cores = Some(server);
    common.load_cores = Some(load);
    common.seconds = cli.seconds;
    common.warm_up = WARM_UP.as_secs();
    common.payload = cli.payload;
    Ok(common)
}

fn cores(cli: &Cli) -> Result<(crate::load::machine::Cores, crate::load::machine::Cores)> {
    options::divide(cli.server_cores.as_ref(), cli.load_cores.as_ref())
}

fn micros(ran: &Ran) -> f64 {
    ran.processor().as_secs_f64() * 1e6 / per(ran.measured.arrivals.max(1), 1.0)
}
