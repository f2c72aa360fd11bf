//! Invite links: made, shown, revoked and used.

use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::sync::{Command, GroupCommand};
use sotto_crypto_core::InviteLink;
use sotto_protocol::{ChatId, Invitation, InvitationKey, Timestamp, limits};

/// An invite link of a group that works. Its text is with whoever made it, and whom that was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveInviteLink {
    /// What names it: public.
    pub key: InvitationKey,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// How many accounts can come in by it.
    pub uses: u32,
}

impl From<Invitation> for ActiveInviteLink {
    fn from(invitation: Invitation) -> Self {
        Self {
            key: invitation.key,
            expires_at: invitation.expires_at,
            uses: invitation.uses,
        }
    }
}

/// What an invite link says, and what its group's key has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadInviteLink {
    /// The group.
    pub group: ChatId,
    /// Its title when the link was made, if that was known.
    pub title: Option<String>,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// How many accounts can come in by it.
    pub uses: u32,
    /// How many accounts are in the group; `None` without a login.
    pub members: Option<u32>,
    /// Whether this account is in the group already.
    pub is_member: bool,
}

/// The link as an address: the code is in the fragment, which browsers send to no server.
#[must_use]
pub fn invite_link_at(server: &str, code: &str) -> String {
    format!("{}/join#{code}", server.trim_end_matches('/'))
}

/// The server's address in a link, if it has one, and the code.
#[must_use]
pub fn split_invite_link(link: &str) -> (Option<&str>, &str) {
    match link.trim().rsplit_once('#') {
        Some((address, code)) => (Some(address.strip_suffix("/join").unwrap_or(address)), code),
        None => (None, link.trim()),
    }
}

impl<P: Platform> Client<P> {
    /// Makes an invite link to a group, for its owner and admins: its code, which [`invite_link_at`] makes an address of. Returns
    /// when the link works. Nobody can read the code again: show it now. Whoever has it can join.
    pub async fn create_invite_link(
        &self,
        group: ChatId,
        expires_in_seconds: u32,
        uses: u32,
    ) -> Result<String, ClientError> {
        if !(1..=limits::INVITATION_SECONDS_MAX).contains(&expires_in_seconds) {
            return Err(ClientError::InvalidGroup(
                "an invite link works for at most 90 days",
            ));
        }
        if !(1..=limits::INVITATION_USES).contains(&uses) {
            return Err(ClientError::InvalidGroup(
                "an invite link is for 1 to 1,000 people",
            ));
        }
        let link = self
            .ask(|reply| {
                Command::Group(GroupCommand::MakeInviteLink {
                    group,
                    expires_in_seconds,
                    uses,
                    reply,
                })
            })
            .await?;
        let invitation = link.invitation();
        self.ask(|reply| {
            Command::Group(GroupCommand::Invite {
                group,
                invitation,
                reply,
            })
        })
        .await?;
        Ok(link.encode().to_string())
    }

    /// The invite links of a group that work. Local.
    pub async fn invite_links(&self, group: ChatId) -> Result<Vec<ActiveInviteLink>, ClientError> {
        self.ask(|reply| Command::Group(GroupCommand::InviteLinks { group, reply }))
            .await
    }

    /// Revokes an invite link: nobody comes in by it from then on. As [`Self::add_to_group`].
    pub async fn revoke_invite_link(&self, group: ChatId, key: InvitationKey) -> Result<(), ClientError> {
        self.ask(|reply| Command::Group(GroupCommand::Revoke { group, key, reply }))
            .await
    }

    /// Reads an invite link, or its code, and checks that its group's key has signed it. Whether it still works is found by using it.
    pub async fn read_invite_link(&self, link: &str) -> Result<ReadInviteLink, ClientError> {
        let link = decode(link)?;
        let public = match self.account() {
            Some(_) => Some(self.api().group(link.group()).await?),
            None => None,
        };
        if public
            .as_ref()
            .is_some_and(|public| public.group_key != link.group_key())
        {
            return Err(ClientError::Untrusted(
                "it shows another group's key than the link",
            ));
        }
        let own = match self.account() {
            Some(_) => self.group(link.group()).await.ok(),
            None => None,
        };
        Ok(ReadInviteLink {
            group: link.group(),
            title: link.title().map(str::to_owned),
            expires_at: link.invitation().expires_at,
            uses: link.invitation().uses,
            members: public.map(|public| public.members),
            is_member: own.is_some_and(|own| own.own_role.is_some()),
        })
    }

    /// Joins the group that an invite link leads to.
    pub async fn join_by_invite_link(&self, link: &str) -> Result<ChatId, ClientError> {
        let link = Box::new(decode(link)?);
        self.ask(|reply| Command::Group(GroupCommand::JoinByLink { link, reply }))
            .await
    }
}

fn decode(link: &str) -> Result<InviteLink, ClientError> {
    let (_, code) = split_invite_link(link);
    Ok(InviteLink::decode(code)?)
}
