//! What happens in an episode, by whom and when: from its seed.

use super::weather::Weather;
use crate::faults::dice::Dice;
use sotto_client_sdk::{Approvers, Inviters, JoinPolicy, Role};
use std::fmt;
use std::time::Duration;

/// The most people in most episodes.
pub const FEW: usize = 8;
/// The most people in any.
pub const MANY: usize = 50;

/// An episode.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many people there are.
    pub people: usize,
    /// Their groups.
    pub groups: Vec<GroupPlan>,
    /// What happens, in order.
    pub steps: Vec<(Duration, Step)>,
    /// The weather until everything comes to rest.
    pub weather: Weather,
}

/// A group that is there when it begins.
#[derive(Clone, Debug)]
pub struct GroupPlan {
    /// Who founds it.
    pub founder: usize,
    /// Who else is in it.
    pub members: Vec<usize>,
    /// Who of them become admins.
    pub admins: Vec<usize>,
    /// How newcomers get in.
    pub join_policy: JoinPolicy,
}

/// One of a person's devices: of those that there are then, the one with this number, counted round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// The person.
    pub person: usize,
    /// The number.
    pub device: usize,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A person asks something of a device of theirs.
    Ask(Who, usize, Wish),
    /// A new device of the person is let in by this one.
    AddDevice(Who),
    /// A device of the person removes the person's newest other one.
    RemoveDevice(Who),
    /// A device's process dies when it has written so many more batches, or after a while; and begins again after as long.
    Crash(Who, u32, Duration),
    /// A device's program is closed in order, and begins again after a while.
    Close(Who, Duration),
    /// A device loses its network for a while.
    Offline(Who, Duration),
    /// The server is killed, and runs again after a while.
    KillServer(Duration),
    /// The server is stopped in order, and runs again after a while.
    StopServer(Duration),
    /// All clocks jump ahead.
    Jump(Duration),
}

/// What is asked for in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A text is sent.
    Text,
    /// These people are in the group.
    Add(Vec<usize>),
    /// These people are not in the group; `true`: nor come in again.
    Remove(Vec<usize>, bool),
    /// This person has this role.
    Appoint(usize, Role),
    /// Newcomers get in so.
    Policy(JoinPolicy),
    /// The group has a new title.
    Title,
    /// The asking person leaves.
    Leave,
    /// The asking person joins by themselves, or asks for it, as the group has it.
    Join,
    /// Whoever asks to be let in is approved.
    Approve,
}

/// Makes a wish, among so many people.
type Maker = fn(&mut Dice, usize) -> Wish;

/// What chances there are, in parts of their sum.
const WISHES: [(usize, Maker); 9] = [
    (32, |_, _| Wish::Text),
    (16, |dice, people| Wish::Add(some(dice, people))),
    (12, |dice, people| {
        Wish::Remove(vec![dice.below(people)], dice.once_in(12))
    }),
    (10, |dice, people| {
        let role = *dice.pick(&[Role::Admin, Role::Admin, Role::Admin, Role::Member, Role::Owner]);
        Wish::Appoint(dice.below(people), role)
    }),
    (7, |dice, _| Wish::Policy(policy(dice))),
    (5, |_, _| Wish::Title),
    (4, |_, _| Wish::Leave),
    (9, |_, _| Wish::Join),
    (5, |_, _| Wish::Approve),
];

impl Plan {
    /// The episode of this seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, 0);
        let people = match dice.below(100) {
            0..60 => 2 + dice.below(4),
            60..92 => 5 + dice.below(4),
            92..97 => 9 + dice.below(12),
            _ => MANY - dice.below(10),
        };
        let groups = if dice.once_in(3) { 2 } else { 1 };
        let groups = (0..groups).map(|_| group(&mut dice, people)).collect();
        let steps = if people > FEW {
            6 + dice.below(18)
        } else {
            5 + dice.below(36)
        };
        let mut plan = Self {
            people,
            groups,
            steps: Vec::new(),
            weather: weather(&mut dice),
        };
        plan.fill(&mut dice, steps);
        plan
    }

    /// Steps in bursts: many at once, then a while of nothing.
    fn fill(&mut self, dice: &mut Dice, steps: usize) {
        let mut at = Duration::ZERO;
        while self.steps.len() < steps {
            let most = if dice.once_in(3) {
                2
            } else {
                self.people.max(3) + 2
            };
            for _ in 0..=dice.below(most) {
                let within = dice.between(Duration::ZERO, Duration::from_millis(40));
                let step = self.step(dice);
                self.steps.push((at + within, step));
            }
            at += match dice.below(4) {
                0 => dice.between(Duration::from_millis(50), Duration::from_millis(400)),
                1 | 2 => dice.between(Duration::from_millis(400), Duration::from_secs(4)),
                _ => dice.between(Duration::from_secs(4), Duration::from_secs(40)),
            };
        }
        self.steps.sort_by_key(|(at, _)| *at);
    }

    fn step(&self, dice: &mut Dice) -> Step {
        let who = Who {
            person: dice.below(self.people),
            device: dice.below(4),
        };
        let pause = dice.between(Duration::from_millis(50), Duration::from_secs(8));
        match dice.below(100) {
            0..5 => Step::Crash(who, u32::try_from(1 + dice.below(6)).unwrap(), pause),
            5..8 => Step::Close(who, pause),
            8..15 => {
                let long = dice.between(Duration::from_millis(200), Duration::from_mins(1));
                Step::Offline(who, long)
            }
            15..17 => Step::KillServer(pause),
            17..19 => Step::StopServer(pause),
            19..22 => Step::AddDevice(who),
            22..25 => Step::RemoveDevice(who),
            25 => Step::Jump(Duration::from_hours(8 * 24)),
            _ => Step::Ask(who, dice.below(self.groups.len()), wish(dice, self.people)),
        }
    }
}

fn wish(dice: &mut Dice, people: usize) -> Wish {
    let all = WISHES.iter().map(|(parts, _)| parts).sum();
    let mut roll = dice.below(all);
    for (parts, make) in WISHES {
        if roll < parts {
            return make(dice, people);
        }
        roll -= parts;
    }
    Wish::Text
}

fn some(dice: &mut Dice, people: usize) -> Vec<usize> {
    let count = if dice.once_in(4) { 3 } else { 1 };
    (0..count).map(|_| dice.below(people)).collect()
}

fn policy(dice: &mut Dice) -> JoinPolicy {
    match dice.below(8) {
        0 | 1 => JoinPolicy::Invite { by: Inviters::Admins },
        2 | 3 => JoinPolicy::Invite {
            by: Inviters::Members,
        },
        4 => JoinPolicy::Approval {
            by: *dice.pick(&[Approvers::AnyAdmin, Approvers::AnyMember, Approvers::Members(2)]),
        },
        _ => JoinPolicy::Open,
    }
}

fn group(dice: &mut Dice, people: usize) -> GroupPlan {
    let founder = dice.below(people);
    // Of fifty most are in it at once; of few, some come later.
    let absent = if people > FEW { 10 } else { 3 };
    let members: Vec<usize> = (0..people)
        .filter(|person| *person != founder && !dice.once_in(absent))
        .collect();
    let admins = members.iter().copied().filter(|_| dice.once_in(3)).collect();
    GroupPlan {
        founder,
        members,
        admins,
        join_policy: policy(dice),
    }
}

fn weather(dice: &mut Dice) -> Weather {
    let bad = |dice: &mut Dice, most: usize| if dice.once_in(2) { 0 } else { dice.below(most) };
    Weather {
        lost_requests: bad(dice, 200),
        refused_connections: bad(dice, 400),
        broken_connections: bad(dice, 700),
        silent_connections: bad(dice, 150),
        overtaken_entries: bad(dice, 200),
        doubled_entries: bad(dice, 200),
        slowness: *dice.pick(&[5, 30, 200, 1_500]),
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} people; {:?}", self.people, self.weather)?;
        for group in &self.groups {
            writeln!(f, "{group:?}")?;
        }
        for (at, step) in &self.steps {
            writeln!(f, "{:>8.3} {step:?}", at.as_secs_f64())?;
        }
        Ok(())
    }
}
