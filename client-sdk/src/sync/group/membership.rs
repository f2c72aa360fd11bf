//! Reading a group: its rules and members, from its MLS state.

use super::super::{Engine, OpenChat};
use crate::chats::{KeyStanding, Stage};
use crate::contacts::{ContactRecord, Names as _};
use crate::error::ClientError;
use crate::groups::{Group, GroupMember, GroupSize, MembersPage, Role, Whom};
use crate::platform::Platform;
use sotto_protocol::chat_rules::Member;
use sotto_protocol::{AccountId, ChatId, GroupRules};
use std::collections::BTreeMap;

/// The longest page of members.
const MEMBERS_AT_ONCE: usize = 200;

impl<P: Platform> Engine<P> {
    pub(super) async fn read_group(&mut self, id: ChatId) -> Result<Group, ClientError> {
        let chat = self.take_group(id).await?;
        let group = self.describe(&chat);
        self.chats.insert(id, chat);
        group.ok_or(ClientError::NotAGroup)
    }

    fn describe(&self, chat: &OpenChat) -> Option<Group> {
        let group = chat.group.as_ref()?;
        let rules = group.rules().as_group()?;
        let accounts = accounts(group, rules);
        let profile = chat.record.group().and_then(crate::chats::GroupRecord::profile);
        let picture = profile.as_ref().and_then(|said| Some(said.picture?.digest));
        let (title, description) = profile.map(|said| (said.title, said.description)).unzip();
        let own = self.me.as_ref()?.account;
        Some(Group {
            group: chat.id,
            title,
            description,
            picture,
            size: GroupSize::of(group.suite()),
            join_policy: rules.join_policy,
            is_listed: rules.is_listed,
            community: rules.community,
            is_broadcast: rules.is_broadcast,
            retention: rules.retention,
            history: rules.history,
            own_role: accounts
                .get(&own)
                .filter(|_| chat.record.stage == Stage::Member)
                .map(|(role, _)| *role),
            members: accounts.len(),
            adding: chat.to_be_added(),
            banned: rules.banned.clone(),
            doubted: accounts
                .keys()
                .filter(|&&account| self.contacts.is_held(account))
                .map(|&account| Whom {
                    account,
                    name: self.contacts.name_of(account),
                })
                .collect(),
            has_key: chat
                .record
                .group()
                .is_some_and(|record| matches!(record.key, KeyStanding::Held)),
        })
    }

    pub(super) async fn read_members(
        &mut self,
        id: ChatId,
        text: &str,
        skip: usize,
        limit: usize,
    ) -> Result<MembersPage, ClientError> {
        let chat = self.take_group(id).await?;
        let found = chat
            .group
            .as_ref()
            .and_then(|group| Some(accounts(group, group.rules().as_group()?)));
        self.chats.insert(id, chat);
        let mut found: Vec<_> = found.ok_or(ClientError::NotAGroup)?.into_iter().collect();
        found.sort_by_key(|(account, (role, _))| (core::cmp::Reverse(*role), *account));
        if !text.is_empty() {
            self.look_up_some(&found);
            found.retain(|(account, _)| self.is_called(*account, text));
        }
        let total = found.len();
        let page = found.into_iter().skip(skip).take(limit.min(MEMBERS_AT_ONCE));
        let members: Vec<GroupMember> = page
            .map(|(account, (role, devices))| GroupMember {
                account,
                person: self.person_of(account),
                role,
                devices,
            })
            .collect();
        for member in members.iter().filter(|member| member.person.is_none()) {
            self.look_up_nameless(member.account);
        }
        Ok(MembersPage { members, total })
    }

    /// Reads the names of some of those that are not known here.
    fn look_up_some(&mut self, members: &[(AccountId, (Role, usize))]) {
        let nameless: Vec<AccountId> = members
            .iter()
            .map(|(account, _)| *account)
            .filter(|account| self.person_of(*account).is_none())
            .take(MEMBERS_AT_ONCE)
            .collect();
        for account in nameless {
            self.look_up_nameless(account);
        }
    }

    /// Whether this text, in lower case, is in the account's name or display name, as far as these are known.
    fn is_called(&self, account: AccountId, text: &str) -> bool {
        self.person_of(account).is_some_and(|person| {
            person.name.as_str().contains(text) || person.display_name.to_lowercase().contains(text)
        })
    }

    pub(super) fn person_of(&self, account: AccountId) -> Option<crate::contacts::Person> {
        match self.me.as_ref().filter(|me| me.account == account) {
            Some(me) => Some(crate::contacts::Person {
                account,
                name: me.name.clone(),
                display_name: String::new(),
                identity: crate::contacts::IdentityStatus::Known,
            }),
            None => self.contacts.get(account).and_then(ContactRecord::to_person),
        }
    }
}

/// The accounts in a group, each with its role and how many devices it has there.
fn accounts(group: &sotto_crypto_core::Chat, rules: &GroupRules) -> BTreeMap<AccountId, (Role, usize)> {
    let mut accounts = BTreeMap::new();
    for member in group.members() {
        let (_, devices) = accounts
            .entry(member.account)
            .or_insert_with(|| (rules.role_of(&Member::from(&member)), 0));
        *devices += 1;
    }
    accounts
}
