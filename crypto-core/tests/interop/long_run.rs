//! A long life of a group, by chance, in which everyone has to agree after every step.

use crate::member::{Change, Implementation, Member, seed};
use crate::scene::Scene;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sotto_protocol::chat_rules::{JoinPolicy, Role};
use sotto_protocol::{ChatRules, GroupRules, Retention};
use std::collections::BTreeMap;

use Implementation::{MlsRs, Ours};

/// Members, at most.
const CROWD: usize = 10;
const EPOCHS: usize = 32;

/// A group and its fate.
struct Life {
    scene: Scene,
    rng: ChaCha20Rng,
    /// How many have ever come; each has a name of its own.
    born: usize,
    /// How often each kind of step was taken.
    steps: BTreeMap<&'static str, usize>,
}

impl Life {
    fn new(number: u8, founder: Implementation) -> Self {
        Self {
            scene: Scene::founded(JoinPolicy::Open, founder, &[Ours, MlsRs]),
            rng: ChaCha20Rng::from_seed(seed("long run", number)),
            born: 0,
            steps: BTreeMap::new(),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.rng.next_u32() as usize % bound
    }

    fn anyone(&mut self) -> usize {
        self.below(self.scene.members.len())
    }

    fn owner(&self) -> usize {
        let rules = self.scene.rules();
        let owner = rules.offices.iter().find(|office| office.role == Role::Owner);
        let holder = owner.unwrap().holder;
        let mut members = self.scene.members.iter();
        members.position(|member| member.party() == holder).unwrap()
    }

    fn anyone_but_the_owner(&mut self) -> usize {
        let owner = self.owner();
        let other = self.below(self.scene.members.len() - 1);
        other + usize::from(other >= owner)
    }

    fn newcomer(&mut self) -> Box<dyn Member> {
        self.born += 1;
        let implementation = [Ours, MlsRs][self.below(2)];
        implementation.member(&format!("member-{}", self.born))
    }

    fn change_of_rules(&mut self, change: impl FnOnce(&mut GroupRules)) -> Change {
        let mut rules = self.scene.rules();
        change(&mut rules);
        Change {
            rules: Some(ChatRules::Group(rules)),
            ..Change::default()
        }
    }

    fn removal(&mut self) -> Change {
        let removed = self.anyone_but_the_owner();
        let removed = self.scene.members[removed].address();
        let bans = self.below(2) == 0;
        let mut change = self.change_of_rules(|rules| {
            rules.note_removal([removed.account]);
            if bans {
                rules.ban(removed.account);
            }
        });
        change.removed.push(removed);
        change
    }

    fn addition(&mut self) -> (Change, Vec<Box<dyn Member>>) {
        let number = 1 + self.below(3);
        let mut newcomers: Vec<_> = (0..number).map(|_| self.newcomer()).collect();
        let change = Change {
            added: newcomers
                .iter_mut()
                .map(|newcomer| newcomer.invitation())
                .collect(),
            ..Change::default()
        };
        (change, newcomers)
    }

    /// Ends one epoch.
    fn step(&mut self) {
        let members = self.scene.members.len();
        let owner = self.owner();
        let step = match self.below(8) {
            0 if members < CROWD => {
                let by = self.anyone();
                let (change, newcomers) = self.addition();
                self.scene.commits(by, &change, newcomers);
                "addition"
            }
            1 if members < CROWD => {
                let newcomer = self.newcomer();
                self.scene.joins_alone(newcomer);
                "joining alone"
            }
            2 if members > 3 => {
                let change = self.removal();
                self.scene.commits(owner, &change, Vec::new());
                "removal"
            }
            3 if (4..CROWD).contains(&members) => {
                let mut change = self.removal();
                let (addition, newcomers) = self.addition();
                change.added = addition.added;
                self.scene.commits(owner, &change, newcomers);
                "removal and addition"
            }
            4 => {
                let who = self.anyone();
                self.scene.rejoins_alone(who);
                "rejoining"
            }
            5 => {
                let seconds = 1 + self.rng.next_u32() % 86_400;
                let change = self.change_of_rules(|rules| {
                    rules.is_listed = !rules.is_listed;
                    rules.retention = Retention::For { seconds };
                });
                self.scene.commits(owner, &change, Vec::new());
                "change of rules"
            }
            6 => {
                let heir = self.anyone_but_the_owner();
                let heir = self.scene.members[heir].party();
                let change = self.change_of_rules(|rules| rules.appoint(heir, Role::Owner));
                self.scene.commits(owner, &change, Vec::new());
                "handing on"
            }
            _ => {
                let by = self.anyone();
                self.scene.commits(by, &Change::default(), Vec::new());
                "self-update"
            }
        };
        *self.steps.entry(step).or_default() += 1;
    }
}

#[test]
fn members_of_both_agree_for_as_long_as_they_live() {
    for (number, founder) in [Ours, MlsRs].into_iter().enumerate() {
        let mut life = Life::new(u8::try_from(number).unwrap(), founder);
        for _ in 0..EPOCHS {
            life.step();
            let speaker = life.anyone();
            life.scene.says(speaker, "is everyone here?");
        }
        life.scene.all_say_something();
        assert_eq!(
            life.scene.members[0].view().epoch,
            u64::try_from(EPOCHS).unwrap() + 1
        );
        assert_eq!(life.steps.len(), 8, "{:?}", life.steps);
    }
}
