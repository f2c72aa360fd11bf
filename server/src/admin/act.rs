//! What is done by those who administer, by the command line and over HTTP alike: what they give is checked, and handed to the store.

use crate::auth::{hash_of_invite, new_invite_code};
use crate::store::{Actor, AdminStore, NewAct, NewChange, NewInvite, PerformError};
use rand_core::CryptoRng;
use sotto_protocol::rest::admin::AdminAct;
use sotto_protocol::{InviteCode, InviteId, Timestamp, limits};

/// What was given cannot be used. The message is for who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAct {
    /// The reason is too long, or has characters in it that are not shown.
    #[error(
        "reason: at most {} bytes, without control characters",
        limits::ADMIN_REASON_BYTES
    )]
    Reason,
    /// A ban has none, which the banned account would read.
    #[error("reason: whoever is banned is told why")]
    NoReason,
    /// A ban would be over already.
    #[error("until: it is over already")]
    Over,
    /// An invite would make no account.
    #[error("uses: at least 1")]
    NoUses,
    /// An invite would be good for no time, or for too long.
    #[error("expires_in: 1 second to ten years")]
    Lifetime,
    /// The note is too long, or no line.
    #[error("note: one line of at most {} characters", limits::INVITE_NOTE_CHARACTERS)]
    Note,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ActError {
    /// See [`InvalidAct`].
    #[error(transparent)]
    Invalid(#[from] InvalidAct),
    /// See [`PerformError`].
    #[error(transparent)]
    Perform(#[from] PerformError),
}

/// Does something, and returns it as it is in the audit log; `None` if it is so already.
pub(crate) async fn act(
    accounts: &impl AdminStore,
    by: Actor,
    at: Timestamp,
    change: NewChange,
    reason: String,
) -> Result<Option<AdminAct>, ActError> {
    if reason.len() > limits::ADMIN_REASON_BYTES || reason.chars().any(|c| c.is_control() && c != '\n') {
        return Err(InvalidAct::Reason.into());
    }
    if let NewChange::Ban { until, .. } = &change {
        if reason.trim().is_empty() {
            return Err(InvalidAct::NoReason.into());
        }
        if until.is_some_and(|until| until <= at) {
            return Err(InvalidAct::Over.into());
        }
    }
    let act = NewAct {
        by,
        at,
        change,
        reason,
    };
    Ok(accounts.perform(act).await?)
}

/// An invite to be made, and its code, which is kept nowhere.
pub(crate) fn new_invite(
    rng: &mut impl CryptoRng,
    uses: u32,
    millis: u64,
    note: String,
    now: Timestamp,
) -> Result<(NewInvite, InviteCode), InvalidAct> {
    if uses == 0 {
        return Err(InvalidAct::NoUses);
    }
    if !(1..=u64::from(limits::INVITE_SECONDS_MAX) * 1000).contains(&millis) {
        return Err(InvalidAct::Lifetime);
    }
    check_note(&note)?;
    let code = new_invite_code(rng);
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    let invite = NewInvite {
        invite: InviteId::from_bytes(id),
        hash: hash_of_invite(&code),
        uses,
        note,
        expires_at: now.plus_millis(millis),
    };
    Ok((invite, code))
}

pub(super) fn check_note(note: &str) -> Result<(), InvalidAct> {
    if note.chars().count() > limits::INVITE_NOTE_CHARACTERS || note.chars().any(char::is_control) {
        return Err(InvalidAct::Note);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line() {
        assert_eq!(check_note("for Zoë's class"), Ok(()));
        for note in ["a\nb", "\u{1b}[2J", &"a".repeat(201)] {
            assert_eq!(check_note(note), Err(InvalidAct::Note), "{note:?}");
        }
    }
}
