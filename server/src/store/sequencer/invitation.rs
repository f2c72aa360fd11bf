//! How often invitations were used: counted here alone, as no member sees what another has not committed yet.

use super::chat_state::{ChatState, LoadedChats};
use crate::store::{CommitParts, Submission};
use sotto_protocol::chat_rules::{Invitation, Invited};
use sotto_protocol::{AccountId, InvitationKey, Timestamp};
use std::collections::HashMap;

/// An account that wants to come in by an invitation, or has: a use is one account, however often it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::store) struct Use {
    /// The chat's key in the database.
    pub(in crate::store) chat: i64,
    pub(in crate::store) invitation: InvitationKey,
    pub(in crate::store) account: AccountId,
}

/// What the database says of the uses that a batch is about.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::store) struct Used {
    /// How many accounts have used the invitation.
    pub(in crate::store) times: u32,
    /// This account is one of them.
    pub(in crate::store) by_this: bool,
}

/// The uses that a batch is about, as they are after what was decided of it.
#[derive(Debug, Default)]
pub(in crate::store) struct Uses {
    before: HashMap<Use, Used>,
    /// In this batch.
    new: HashMap<(i64, InvitationKey), Vec<AccountId>>,
}

/// The uses that submissions are about.
pub(in crate::store) fn uses_of<'a>(
    submissions: &'a [Submission],
    chats: &'a LoadedChats,
) -> impl Iterator<Item = Use> + 'a {
    submissions.iter().filter_map(|submission| {
        let used = submission.commit.as_deref()?.evidence.invitation.as_ref()?;
        Some(Use {
            chat: chats.get(submission.chat)?.key,
            invitation: used.invitation,
            account: submission.from.account,
        })
    })
}

/// By which invitation the Commit's sender comes in. Whoever is in the group, or is in for another reason, needs none.
pub(super) fn shown(
    state: &ChatState,
    parts: &CommitParts,
    account: AccountId,
    at: Timestamp,
) -> Option<Invited> {
    let is_group = state
        .rules
        .as_deref()
        .is_some_and(|rules| rules.as_group().is_some());
    let used = parts.evidence.invitation.as_ref()?;
    (is_group && parts.external && !state.members.has_party(account)).then_some(Invited {
        by: used.invitation,
        at,
    })
}

impl Uses {
    pub(in crate::store) fn new(before: HashMap<Use, Used>) -> Self {
        Self {
            before,
            new: HashMap::new(),
        }
    }

    /// Whether this account can come in by this invitation, which works.
    pub(in crate::store) fn has_room(&self, invitation: &Invitation, used: Use) -> bool {
        let before = self.before.get(&used).copied().unwrap_or_default();
        let new: &[AccountId] = self
            .new
            .get(&(used.chat, used.invitation))
            .map_or(&[], Vec::as_slice);
        let times = usize::try_from(before.times).unwrap_or(usize::MAX);
        let most = usize::try_from(invitation.uses).unwrap_or(usize::MAX);
        before.by_this || new.contains(&used.account) || times.saturating_add(new.len()) < most
    }

    /// The account has come in. `false` if it had used the invitation before.
    pub(super) fn note(&mut self, used: Use) -> bool {
        let is_known = self.before.get(&used).is_some_and(|before| before.by_this);
        let new = self.new.entry((used.chat, used.invitation)).or_default();
        let is_new = !is_known && !new.contains(&used.account);
        if is_new {
            new.push(used.account);
        }
        is_new
    }
}
