//! What an application asks of groups.

use super::{Group, GroupSettings, GroupsPage, JoinRequest, MembersPage, NewGroup, ProfileEdit, PublicGroup};
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::sync::{Command, GroupCommand, Reply};
use sotto_crypto_core::verify_group_profile;
use sotto_protocol::rest::group::{FoundGroup, GroupsFound};
use sotto_protocol::{AccountId, AccountName, ChatId};

impl<P: Platform> Client<P> {
    /// Creates a group, which this account owns. More than a hundred members are added one batch after the other, after it
    /// exists: [`Group::adding`] says how many are still to come.
    pub async fn create_group(&self, new: NewGroup) -> Result<ChatId, ClientError> {
        self.ask_group(|reply| GroupCommand::Create { new, reply }).await
    }

    /// The chat with oneself; it is begun if there is none.
    pub async fn notes(&self) -> Result<ChatId, ClientError> {
        self.ask_group(|reply| GroupCommand::StartNotes { reply }).await
    }

    /// A group that this account is in, or was. Local.
    pub async fn group(&self, group: ChatId) -> Result<Group, ClientError> {
        self.ask_group(|reply| GroupCommand::Read { group, reply }).await
    }

    /// Members of a group: at most `limit`, and at most 200, after the first `skip`. Local; names that are not known here are
    /// read from the server, and [`ChatChanged`](crate::Event::ChatChanged) says when they are.
    pub async fn group_members(
        &self,
        group: ChatId,
        skip: usize,
        limit: usize,
    ) -> Result<MembersPage, ClientError> {
        self.find_group_members(group, "", skip, limit).await
    }

    /// As [`Self::group_members`], of those whose name or display name has this text in it, whatever its case. Only names that
    /// are known here are found: those that are not are read from the server, some at a time, and
    /// [`ChatChanged`](crate::Event::ChatChanged) says when they are.
    pub async fn find_group_members(
        &self,
        group: ChatId,
        text: &str,
        skip: usize,
        limit: usize,
    ) -> Result<MembersPage, ClientError> {
        self.ask_group(|reply| GroupCommand::Members {
            group,
            text: text.trim().to_lowercase(),
            skip,
            limit,
            reply,
        })
        .await
    }

    /// Adds accounts to a group. Returns when they are in it. What was asked for is kept, and goes on after a restart; if it
    /// turns out then that it cannot be, [`IntentFailed`](crate::Event::IntentFailed) says so.
    pub async fn add_to_group(&self, group: ChatId, names: &[&str]) -> Result<(), ClientError> {
        let names: Vec<AccountName> = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
        self.ask_group(|reply| GroupCommand::Add { group, names, reply })
            .await
    }

    /// Removes accounts from a group with all their devices, and bans them if wanted. As [`Self::add_to_group`].
    pub async fn remove_from_group(
        &self,
        group: ChatId,
        accounts: &[AccountId],
        bans: bool,
    ) -> Result<(), ClientError> {
        let accounts = accounts.to_vec();
        self.ask_group(|reply| GroupCommand::Remove {
            group,
            accounts,
            bans,
            reply,
        })
        .await
    }

    /// Changes a group's rules and its members' roles. As [`Self::add_to_group`].
    pub async fn set_group(&self, group: ChatId, settings: GroupSettings) -> Result<(), ClientError> {
        self.ask_group(|reply| GroupCommand::Settings {
            group,
            settings,
            reply,
        })
        .await
    }

    /// Changes a group's title and description.
    pub async fn describe_group(
        &self,
        group: ChatId,
        title: impl Into<String>,
        description: impl Into<String>,
    ) -> Result<(), ClientError> {
        let (title, description) = (title.into(), description.into());
        let edit = ProfileEdit::Texts { title, description };
        self.ask_group(|reply| GroupCommand::Describe { group, edit, reply })
            .await
    }

    /// Leaves a group. Once this returns, it is written, and goes on as soon as it can; what was said before stays here.
    pub async fn leave_group(&self, group: ChatId) -> Result<(), ClientError> {
        self.ask_group(|reply| GroupCommand::Leave { group, reply }).await
    }

    /// Deletes a group for everyone, as its owner.
    pub async fn delete_group(&self, group: ChatId) -> Result<(), ClientError> {
        self.ask_group(|reply| GroupCommand::Delete { group, reply })
            .await
    }

    /// Joins an open group.
    pub async fn join_group(&self, group: ChatId) -> Result<ChatId, ClientError> {
        self.ask_group(|reply| GroupCommand::Join { group, reply }).await
    }

    /// Asks to be let into a group. If its members agree, it appears among the chats.
    pub async fn ask_to_join(&self, group: ChatId) -> Result<(), ClientError> {
        self.ask_group(|reply| GroupCommand::Ask { group, reply }).await
    }

    /// Asks no more.
    pub async fn withdraw_join_request(&self, group: ChatId) -> Result<(), ClientError> {
        self.ask_group(|reply| GroupCommand::Decline {
            group,
            account: None,
            reply,
        })
        .await
    }

    /// Who asks to be let into a group of this account, oldest first.
    pub async fn join_requests(&self, group: ChatId) -> Result<Vec<JoinRequest>, ClientError> {
        self.ask_group(|reply| GroupCommand::Requests { group, reply })
            .await
    }

    /// Approves that somebody who has asked is let into a group: lets them in if no more approvals are needed, and else tells the
    /// other members. Returns when one or the other is done.
    pub async fn approve_join_request(&self, group: ChatId, account: AccountId) -> Result<(), ClientError> {
        self.ask_group(|reply| GroupCommand::Approve {
            group,
            account,
            reply,
        })
        .await
    }

    /// Refuses somebody who has asked.
    pub async fn decline_join_request(&self, group: ChatId, account: AccountId) -> Result<(), ClientError> {
        self.ask_group(|reply| GroupCommand::Decline {
            group,
            account: Some(account),
            reply,
        })
        .await
    }

    /// Listed groups whose title or description contains the text. `after` is [`GroupsPage::next`] of the page before.
    pub async fn search_groups(&self, query: &str, after: Option<&str>) -> Result<GroupsPage, ClientError> {
        let found = self.api().search_groups(query, after).await?;
        Ok(page(found))
    }

    pub(super) async fn ask_group<T>(
        &self,
        command: impl FnOnce(Reply<T>) -> GroupCommand,
    ) -> Result<T, ClientError> {
        self.ask(|reply| Command::Group(command(reply))).await
    }
}

/// What is shown of groups that the server names: none that its own key did not sign.
pub(crate) fn page(found: GroupsFound) -> GroupsPage {
    GroupsPage {
        groups: found.groups.iter().filter_map(shown).collect(),
        next: found.next,
    }
}

/// As [`page`], of one.
pub(crate) fn shown(found: &FoundGroup) -> Option<PublicGroup> {
    let profile = verify_group_profile(&found.profile, found.group, found.group_key, None).ok()?;
    Some(PublicGroup {
        group: found.group,
        picture: profile
            .picture
            .filter(|picture| !picture.is_sealed)
            .map(|picture| picture.digest),
        title: Some(profile.title),
        description: Some(profile.description),
        join_policy: found.join_policy,
        members: found.members,
    })
}
