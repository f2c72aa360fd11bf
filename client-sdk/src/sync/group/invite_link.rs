//! Invite links: made by who holds the group's key and an office, and used to join.

use super::super::{Engine, Input, Reply};
use super::join::JOIN_PATIENCE;
use crate::chats::{GroupRecord, Stage};
use crate::error::ClientError;
use crate::groups::ActiveInviteLink;
use crate::platform::Platform;
use crate::record_key;
use sotto_crypto_core::{GroupSigningKey, InviteLink};
use sotto_protocol::{ChatId, ProblemCode};

impl<P: Platform> Engine<P> {
    /// Makes a link, which works once its invitation is in the group's rules.
    pub(super) async fn make_invite_link(
        &mut self,
        id: ChatId,
        expires_in_seconds: u32,
        uses: u32,
    ) -> Result<InviteLink, ClientError> {
        let secret = self
            .surroundings
            .records
            .get_bytes(&record_key::group_key(id))
            .await?;
        let expires_at = self.now().plus_seconds(expires_in_seconds);
        let own = self.me.as_ref().map(super::super::Me::address);
        let chat = self.take_group(id).await?;
        let group = chat.group.as_ref();
        let is_entitled = chat.record.stage == Stage::Member
            && own.zip(group).is_some_and(|(own, group)| group.holds_office(own));
        let key = group
            .and_then(|group| group.rules().as_group())
            .zip(secret)
            .and_then(|(rules, secret)| GroupSigningKey::decode(secret.expose(), rules.group_key));
        let title = chat
            .record
            .group()
            .and_then(GroupRecord::profile)
            .map(|profile| profile.title);
        self.chats.insert(id, chat);
        if !is_entitled {
            return Err(ClientError::InvalidGroup(
                "the group's owner and its admins make invite links",
            ));
        }
        let key = key.ok_or(ClientError::NoGroupKey)?;
        Ok(InviteLink::generate(
            &mut self.rng,
            id,
            &key,
            title,
            expires_at,
            uses,
        ))
    }

    /// What the rules hold that works now.
    pub(super) async fn read_invite_links(
        &mut self,
        id: ChatId,
    ) -> Result<Vec<ActiveInviteLink>, ClientError> {
        let now = self.now();
        let chat = self.take_group(id).await?;
        let rules = chat.group.as_ref().and_then(|group| group.rules().as_group());
        let links = rules.map(|rules| {
            let works = rules.invitations.iter().filter(|known| now < known.expires_at);
            works.copied().map(ActiveInviteLink::from).collect()
        });
        self.chats.insert(id, chat);
        links.ok_or(ClientError::NotAGroup)
    }

    /// Joins by a link. Whoever waits is told when this device is in.
    pub(super) async fn join_by_link(&mut self, link: InviteLink, reply: Reply<ChatId>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        if !self.logged_in {
            return reply.send(Err(ClientError::NotLoggedIn));
        }
        let id = link.group();
        let known = self.chats.get(&id);
        if known.is_some_and(|chat| chat.record.stage == Stage::Member) {
            return reply.send(Ok(id));
        }
        if known.is_some_and(|chat| chat.record.halted.is_some()) {
            return reply.send(Err(ClientError::Untrusted(
                "it has changed this group in a way that its rules forbid",
            )));
        }
        if link.invitation().expires_at <= self.now() {
            return reply.send(Err(refused()));
        }
        self.awaited.entry(id).or_default().push(reply);
        self.links.insert(id, link);
        self.join_anew(id);
        self.later(JOIN_PATIENCE, Input::WelcomeOverdue(id));
    }

    /// The link by which this device was to join does not let it in.
    pub(crate) fn link_refused(&mut self, id: ChatId) {
        if self.links.remove(&id).is_some() {
            for reply in self.awaited.remove(&id).unwrap_or_default() {
                reply.send(Err(refused()));
            }
        }
    }
}

/// As the server says it: of a link that is over or revoked this device may be the first to know.
fn refused() -> ClientError {
    sotto_protocol::Problem::new(ProblemCode::InvitationRefused).into()
}
