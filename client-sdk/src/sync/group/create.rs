//! A group, or notes, come into being: made here, written, then offered to the server.

use super::super::key_packages::SUITE;
use super::super::outbox::{Outgoing, enqueue};
use super::super::{Creation, Engine, OpenChat, Reply, put_group_changes};
use super::newcomers::{ACCOUNTS_AT_ONCE, Newcomer, NewcomersFor, additions, fitting};
use crate::chats::{ChatRecord, CreationOf, CreationRecord, GroupRecord, KeyStanding, KindRecord, Stage};
use crate::error::ClientError;
use crate::groups::{JoinPolicy, NewGroup};
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::{Chat, Created, GroupSigningKey, InvitedDevice, ToldGroupProfile};
use sotto_protocol::chat_rules::{Approvers, Party};
use sotto_protocol::{AccountName, ChatId, ChatRules, GroupProfile, GroupRules, MessageId, Suite, limits};

/// A chat that is about to be made.
pub(crate) struct Founding {
    pub(crate) id: ChatId,
    pub(crate) suite: Suite,
    pub(crate) rules: ChatRules,
    pub(crate) kind: KindRecord,
    pub(crate) of: CreationOf,
}

impl<P: Platform> Engine<P> {
    /// Begins with looking up who is to be in it.
    pub(super) async fn create_group(&mut self, mut new: NewGroup, reply: Reply<ChatId>) {
        if new.is_broadcast {
            (new.join_policy, new.is_listed) = (JoinPolicy::Open, true);
        }
        let checked = match self.ensure_loaded().await {
            Ok(()) => check(&new),
            Err(error) => Err(error),
        };
        let own = match (checked, self.me.as_ref().filter(|_| self.logged_in)) {
            (Err(error), _) => return reply.send(Err(error)),
            (Ok(()), None) => return reply.send(Err(ClientError::NotLoggedIn)),
            (Ok(()), Some(me)) => {
                new.members.retain(|name| *name != me.name);
                me.account
            }
        };
        new.members.sort_unstable();
        new.members.dedup();
        let suite = new.size.suite();
        let most = suite.most_devices();
        if new.members.len() >= most {
            return reply.send(Err(ClientError::GroupFull { most }));
        }
        let first = new.members.iter().take(ACCOUNTS_AT_ONCE).cloned().collect();
        self.ask_for_newcomers(first, Some(own), suite, NewcomersFor::Group { new, reply });
    }

    /// Begins with looking up this account's other devices.
    pub(super) async fn start_notes(&mut self, reply: Reply<ChatId>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        let Some(own) = self.me.as_ref().filter(|_| self.logged_in).map(|me| me.account) else {
            return reply.send(Err(ClientError::NotLoggedIn));
        };
        let notes = self
            .chats
            .values()
            .find(|chat| matches!(chat.record.kind, KindRecord::Notes) && chat.record.stage == Stage::Member);
        if let Some(notes) = notes {
            return reply.send(Ok(notes.id));
        }
        if let Some(creating) = self.creation_with(own) {
            return self.wait_for_creation(creating, reply);
        }
        self.ask_for_newcomers(Vec::new(), Some(own), SUITE, NewcomersFor::Notes { reply });
    }

    pub(super) async fn found_notes(&mut self, invited: &[InvitedDevice], reply: Reply<ChatId>) {
        let Some(party) = self.me.as_ref().map(|me| Party::from(me.device.credential())) else {
            return reply.send(Err(ClientError::NotLoggedIn));
        };
        let founding = Founding {
            id: ChatId::from_bytes(self.random()),
            suite: SUITE,
            rules: ChatRules::Notes(party),
            kind: KindRecord::Notes,
            of: CreationOf::Direct(party.account),
        };
        let id = founding.id;
        match self.found(founding, invited, Changes::new(), |_, _| ()).await {
            Ok(()) => self.wait_for_creation(id, reply),
            Err(error) => reply.send(Err(error)),
        }
    }

    pub(super) async fn found_group(
        &mut self,
        new: &NewGroup,
        newcomers: &[Newcomer],
        mut invited: Vec<InvitedDevice>,
        reply: Reply<ChatId>,
    ) {
        let Some(me) = &self.me else {
            return reply.send(Err(ClientError::NotLoggedIn));
        };
        let (founder, from) = (Party::from(me.device.credential()), me.address());
        let id = ChatId::from_bytes(self.random());
        let key = GroupSigningKey::generate(&mut self.rng);
        let profile = key.sign_profile(&GroupProfile {
            group: id,
            revision: 1,
            title: new.title.clone(),
            description: new.description.clone(),
            picture: None,
        });
        let rules = if new.is_broadcast {
            GroupRules {
                retention: new.retention,
                ..GroupRules::broadcast(key.public_key(), founder, new.community)
            }
        } else {
            GroupRules {
                is_listed: new.is_listed,
                retention: new.retention,
                community: new.community,
                ..GroupRules::new(key.public_key(), founder, new.join_policy)
            }
        };
        // This account's own devices come first: they are not looked up again.
        invited.sort_by_key(|device| device.address().account != founder.account);
        let invited = fitting(&invited);
        let founding = Founding {
            id,
            suite: new.size.suite(),
            rules: ChatRules::Group(rules),
            kind: KindRecord::Group(Box::new(GroupRecord {
                profile: Some(profile.clone()),
                group_key: Some(key.public_key()),
                is_vouched_for: true,
                key: KeyStanding::Held,
                is_broadcast: new.is_broadcast,
                ..GroupRecord::default()
            })),
            of: CreationOf::Group(new.is_listed.then(|| profile.clone())),
        };
        let mut changes = Changes::new();
        changes.put_bytes(record_key::group_key(id), key.encode());
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let is_invited = |newcomer: &&Newcomer| {
            let account = newcomer.account();
            account == founder.account || invited.iter().any(|device| device.address().account == account)
        };
        let mut later: Vec<AccountName> = newcomers
            .iter()
            .filter(|newcomer| !is_invited(newcomer))
            .map(|newcomer| newcomer.name().clone())
            .collect();
        later.extend_from_slice(new.members.get(ACCOUNTS_AT_ONCE..).unwrap_or_default());
        let has_members = !invited.is_empty() || !later.is_empty();
        let finish = |chat: &mut OpenChat, changes: &mut Changes| {
            if has_members {
                let body = QueuedBody::GroupProfile(ToldGroupProfile {
                    profile,
                    picture_key: None,
                });
                enqueue(chat, from, Outgoing::kept(message, body), now, changes);
            }
            for record in additions(&later) {
                chat.want(record, changes);
            }
        };
        match self.found(founding, invited, changes, finish).await {
            Ok(()) => self.wait_for_creation(id, reply),
            Err(error) => reply.send(Err(error)),
        }
    }

    /// Makes a chat and writes it, with `changes` and with what `finish` adds.
    pub(crate) async fn found(
        &mut self,
        founding: Founding,
        invited: &[InvitedDevice],
        mut changes: Changes,
        finish: impl FnOnce(&mut OpenChat, &mut Changes),
    ) -> Result<(), ClientError> {
        let Founding {
            id,
            suite,
            rules,
            kind,
            of,
        } = founding;
        let now = self.now();
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?;
        let Created {
            chat: mut group,
            welcome,
            group_info,
        } = Chat::create(&mut self.rng, &me.device, now, id, suite, rules, invited)
            .map_err(|_| ClientError::Failed("the group could not be made"))?;
        let creation = CreationRecord {
            of,
            suite,
            added: invited.iter().map(InvitedDevice::address).collect(),
            welcome: welcome.map(Into::into),
            group_info: group_info.into(),
        };
        put_group_changes(id, group.take_changes(), &mut changes);
        changes.put(record_key::creation(id), &creation);
        let record = ChatRecord {
            stage: Stage::Creating,
            renewed_at: Some(now),
            ..ChatRecord::new(kind, now)
        };
        let mut chat = OpenChat::new(id, record, group);
        finish(&mut chat, &mut changes);
        chat.write_to(&mut changes);
        self.write(changes).await?;
        self.publish();
        self.chats.insert(id, chat);
        let creation = Creation {
            record: creation,
            in_flight: false,
            waiting: Vec::new(),
        };
        self.creations.insert(id, creation);
        Ok(())
    }
}

/// What the group's rules and its profile can hold.
fn check(new: &NewGroup) -> Result<(), ClientError> {
    check_profile(&new.title, &new.description)?;
    if !new.retention.is_in_bounds() {
        return Err(ClientError::InvalidGroup("messages cannot be kept for that long"));
    }
    check_policy(new.join_policy)
}

pub(super) fn check_policy(policy: JoinPolicy) -> Result<(), ClientError> {
    match policy {
        JoinPolicy::Approval {
            by: Approvers::Members(number),
        } if !(2..=limits::APPROVERS).contains(&number) => Err(ClientError::InvalidGroup(
            "a newcomer can need the approval of 2 to 32 members",
        )),
        JoinPolicy::Approval { .. } | JoinPolicy::Invite { .. } | JoinPolicy::Open => Ok(()),
    }
}

/// Whether a profile can say this.
pub(super) fn check_profile(title: &str, description: &str) -> Result<(), ClientError> {
    let profile = GroupProfile {
        group: ChatId::from_bytes([0; 16]),
        revision: 1,
        title: title.to_owned(),
        description: description.to_owned(),
        picture: None,
    };
    if profile.is_sound() {
        Ok(())
    } else {
        Err(ClientError::InvalidGroup(
            "a title has 1 to 128 bytes in one line, and a description at most 2,048",
        ))
    }
}
