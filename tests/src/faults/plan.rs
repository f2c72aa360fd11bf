//! What is broken, when, and for how long: from a seed.

use super::dice::Dice;
use super::proxy::Weather;
use std::fmt;
use std::time::Duration;

/// Something that breaks, and is whole again after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A node is killed, and started again.
    KillNode(usize),
    /// A node is stopped where it is, and goes on.
    StallNode(usize),
    /// The network between a node and its clients.
    Clients(usize, Weather),
    /// The database is killed, and started again.
    KillDatabase,
    /// The database is stopped where it is, and goes on.
    StallDatabase,
    /// The network between a node and the database.
    Database(usize, Weather),
    /// The bus is killed, and started again.
    KillBus,
    /// The bus is stopped where it is, and goes on.
    StallBus,
    /// The network between a node and the bus.
    Bus(usize, Weather),
    /// There is no room on the disk any more.
    FullDisk,
    /// The disk takes some writes and syncs, and fails others.
    FailingDisk,
}

impl Fault {
    /// What it is, without where.
    #[must_use]
    pub fn kind(self) -> FaultKind {
        match self {
            Self::KillNode(_) => FaultKind::KillNode,
            Self::StallNode(_) => FaultKind::StallNode,
            Self::Clients(..) => FaultKind::Clients,
            Self::KillDatabase => FaultKind::KillDatabase,
            Self::StallDatabase => FaultKind::StallDatabase,
            Self::Database(..) => FaultKind::Database,
            Self::KillBus => FaultKind::KillBus,
            Self::StallBus => FaultKind::StallBus,
            Self::Bus(..) => FaultKind::Bus,
            Self::FullDisk => FaultKind::FullDisk,
            Self::FailingDisk => FaultKind::FailingDisk,
        }
    }
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// See [`Fault::KillNode`].
    KillNode,
    /// See [`Fault::StallNode`].
    StallNode,
    /// See [`Fault::Clients`].
    Clients,
    /// See [`Fault::KillDatabase`].
    KillDatabase,
    /// See [`Fault::StallDatabase`].
    StallDatabase,
    /// See [`Fault::Database`].
    Database,
    /// See [`Fault::KillBus`].
    KillBus,
    /// See [`Fault::StallBus`].
    StallBus,
    /// See [`Fault::Bus`].
    Bus,
    /// See [`Fault::FullDisk`].
    FullDisk,
    /// See [`Fault::FailingDisk`].
    FailingDisk,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::KillNode => "node killed",
            Self::StallNode => "node stalled",
            Self::Clients => "network to clients",
            Self::KillDatabase => "database killed",
            Self::StallDatabase => "database stalled",
            Self::Database => "network to database",
            Self::KillBus => "bus killed",
            Self::StallBus => "bus stalled",
            Self::Bus => "network to bus",
            Self::FullDisk => "disk full",
            Self::FailingDisk => "disk fails",
        })
    }
}

/// What breaks at once, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Messages that are acknowledged before it begins.
    pub after: u64,
    /// And this much later, so that it can begin anywhere in a transaction.
    pub delay: Duration,
    /// What breaks.
    pub faults: Vec<Fault>,
    /// How long.
    pub lasts: Duration,
}

/// How a plan is made.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// How many rounds.
    pub rounds: usize,
    /// What may break.
    pub kinds: Vec<FaultKind>,
    /// How many nodes there are.
    pub nodes: usize,
    /// Messages acknowledged between two rounds, on the average.
    pub messages: u64,
    /// The longest that something is broken; one in twenty takes `long` instead.
    pub lasts: Duration,
    /// See `lasts`.
    pub long: Duration,
}

/// A plan from a seed.
#[must_use]
pub fn plan(seed: u64, options: &PlanOptions) -> Vec<Round> {
    let mut dice = Dice::of(seed, 2_000_000);
    (0..options.rounds).map(|_| round(&mut dice, options)).collect()
}

fn round(dice: &mut Dice, options: &PlanOptions) -> Round {
    let first = fault(dice, *dice.clone().pick(&options.kinds), options.nodes);
    let mut faults = vec![first];
    if options.kinds.len() > 1 && dice.once_in(6) {
        let kind = *dice.pick(&options.kinds);
        let second = fault(dice, kind, options.nodes);
        if second.kind() != first.kind() {
            faults.push(second);
        }
    }
    let is_killed =
        |fault: &Fault| matches!(fault, Fault::KillNode(_) | Fault::KillDatabase | Fault::KillBus);
    let brief = faults.iter().all(is_killed) && !dice.once_in(4);
    let lasts = if brief {
        Duration::ZERO
    } else if dice.once_in(20) {
        options.long
    } else {
        dice.between(options.lasts / 10, options.lasts)
    };
    let messages = usize::try_from(options.messages).unwrap();
    Round {
        after: u64::try_from(messages / 2 + dice.below(messages + 1)).unwrap(),
        delay: dice.between(Duration::ZERO, Duration::from_millis(30)),
        faults,
        lasts,
    }
}

fn fault(dice: &mut Dice, kind: FaultKind, nodes: usize) -> Fault {
    let node = dice.below(nodes);
    match kind {
        FaultKind::KillNode => Fault::KillNode(node),
        FaultKind::StallNode => Fault::StallNode(node),
        FaultKind::Clients => Fault::Clients(node, weather(dice)),
        FaultKind::KillDatabase => Fault::KillDatabase,
        FaultKind::StallDatabase => Fault::StallDatabase,
        FaultKind::Database => Fault::Database(node, weather(dice)),
        FaultKind::KillBus => Fault::KillBus,
        FaultKind::StallBus => Fault::StallBus,
        FaultKind::Bus => Fault::Bus(node, weather(dice)),
        FaultKind::FullDisk => Fault::FullDisk,
        FaultKind::FailingDisk => Fault::FailingDisk,
    }
}

fn weather(dice: &mut Dice) -> Weather {
    match dice.below(4) {
        0 => Weather::Cut,
        1 => Weather::Stalled,
        2 => Weather::HalfOpen,
        _ => Weather::Slow(20_000 + dice.below(200_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(kinds: &[FaultKind]) -> PlanOptions {
        PlanOptions {
            rounds: 200,
            kinds: kinds.to_vec(),
            nodes: 3,
            messages: 100,
            lasts: Duration::from_secs(1),
            long: Duration::from_secs(10),
        }
    }

    #[test]
    fn the_same_seed_breaks_the_same_things() {
        let options = options(&[FaultKind::KillNode, FaultKind::Clients]);
        assert_eq!(plan(7, &options), plan(7, &options));
        assert_ne!(plan(7, &options), plan(8, &options));
    }

    #[test]
    fn everything_that_may_break_does_and_nothing_else() {
        let kinds = [FaultKind::KillNode, FaultKind::StallNode, FaultKind::Clients];
        let plan = plan(1, &options(&kinds));
        let broken = |kind| {
            plan.iter()
                .any(|round| round.faults.iter().any(|fault| fault.kind() == kind))
        };
        assert!(kinds.into_iter().all(broken));
        assert!(!broken(FaultKind::FullDisk));
        for node in 0..3 {
            assert!(
                plan.iter()
                    .any(|round| round.faults.contains(&Fault::KillNode(node)))
            );
        }
        assert!(plan.iter().any(|round| round.lasts == Duration::from_secs(10)));
    }
}
