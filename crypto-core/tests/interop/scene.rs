//! A chat of members of both kinds, and the server between them.

use crate::member::{Change, Flight, Implementation, Invitation, Member, NOW, text};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::GroupSigningKey;
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::{ChatRules, DeviceCredential, Evidence, GroupRules};

pub const BY_MEMBERS: JoinPolicy = JoinPolicy::Invite {
    by: Inviters::Members,
};

/// The members, the founder first, and the newest GroupInfo.
pub struct Scene {
    pub members: Vec<Box<dyn Member>>,
    pub group_info: Vec<u8>,
}

pub fn rules(founder: &dyn Member, join_policy: JoinPolicy) -> GroupRules {
    let key = GroupSigningKey::generate(&mut ChaCha20Rng::from_seed([9; 32]));
    GroupRules::new(key.public_key(), founder.party(), join_policy)
}

impl Scene {
    /// A group that is founded with others, all by Welcome.
    pub fn founded(join_policy: JoinPolicy, founder: Implementation, others: &[Implementation]) -> Self {
        let mut founder = founder.member("founder");
        let mut others: Vec<_> = others
            .iter()
            .enumerate()
            .map(|(number, implementation)| implementation.member(&format!("other-{number}")))
            .collect();
        let invited: Vec<Invitation> = others.iter_mut().map(|other| other.invitation()).collect();
        let rules = ChatRules::Group(rules(&*founder, join_policy));
        let created = founder.founds(&rules, &invited);
        for other in &mut others {
            other.joins(created.welcome.as_ref().unwrap());
        }
        let mut members = vec![founder];
        members.append(&mut others);
        let scene = Self {
            members,
            group_info: created.group_info,
        };
        scene.all_agree();
        scene
    }

    /// The group's rules, as the founder sees them.
    pub fn rules(&self) -> GroupRules {
        self.members[0].view().rules.as_group().unwrap().clone()
    }

    /// A member commits, the server accepts, and everyone goes on. Whoever was removed leaves the scene.
    pub fn commits(&mut self, by: usize, change: &Change, newcomers: Vec<Box<dyn Member>>) {
        let flight = self.members[by].commits(change);
        self.members[by].confirms();
        self.all_take(&flight, Some(by), &change.evidence);
        for mut newcomer in newcomers {
            newcomer.joins(flight.welcome.as_ref().unwrap());
            self.members.push(newcomer);
        }
        self.all_agree();
    }

    /// A member adds newcomers by their KeyPackages.
    pub fn adds(&mut self, by: usize, mut newcomers: Vec<Box<dyn Member>>) {
        let added = newcomers
            .iter_mut()
            .map(|newcomer| newcomer.invitation())
            .collect();
        let change = Change {
            added,
            ..Change::default()
        };
        self.commits(by, &change, newcomers);
    }

    /// A newcomer joins alone.
    pub fn joins_alone(&mut self, mut newcomer: Box<dyn Member>) {
        let flight = newcomer.joins_alone(&self.group_info);
        self.all_take(&flight, None, &Evidence::default());
        self.members.push(newcomer);
        self.all_agree();
    }

    /// A member takes its own place again.
    pub fn rejoins_alone(&mut self, who: usize) {
        let flight = self.members[who].joins_alone(&self.group_info);
        self.all_take(&flight, Some(who), &Evidence::default());
        self.all_agree();
    }

    fn all_take(&mut self, flight: &Flight, but: Option<usize>, evidence: &Evidence) {
        for (at, member) in self.members.iter_mut().enumerate() {
            if Some(at) != but
                && let Some(shown) = member.takes(&flight.commit)
            {
                assert_eq!(Evidence::decode(&shown).as_ref(), Ok(evidence));
            }
        }
        self.members.retain(|member| member.is_member());
        self.group_info.clone_from(&flight.group_info);
    }

    /// All see the same chat, of exactly those members who are here.
    pub fn all_agree(&self) {
        let first = self.members[0].view();
        for member in &self.members[1..] {
            assert_eq!(member.view(), first);
        }
        let mut shown: Vec<_> = first.members.iter().map(DeviceCredential::address).collect();
        let mut here: Vec<_> = self.members.iter().map(|member| member.address()).collect();
        shown.sort_unstable();
        here.sort_unstable();
        assert_eq!(shown, here);
    }

    /// A member says something to all others.
    pub fn says(&mut self, from: usize, words: &str) {
        let content = text(words);
        let payload = self.members[from].encrypts(&content);
        let address = self.members[from].address();
        for (at, member) in self.members.iter_mut().enumerate() {
            if at != from {
                assert!(member.decrypts(&payload) == (address, content.clone()));
            }
        }
    }

    /// Each says something to all others.
    pub fn all_say_something(&mut self) {
        let epoch = self.members[0].view().epoch;
        for from in 0..self.members.len() {
            self.says(from, &format!("from {from} in epoch {epoch}, at {}", NOW.0));
        }
    }
}
