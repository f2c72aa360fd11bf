//! Who speaks in a broadcast. The server cannot read what is said: it bounds what those can say whom nobody hears.

use super::chat_state::ChatState;
use crate::store::Submission;
use sotto_protocol::chat_rules::Member;
use sotto_protocol::{ChatRules, limits};

/// Whether a message is taken: from somebody whom nobody hears what a member's client says to the others' by itself, which is short
/// and kept.
pub(super) fn is_taken(state: &ChatState, submission: &Submission) -> bool {
    let Some(rules) = state.rules.as_deref().and_then(ChatRules::as_group) else {
        return true;
    };
    let is_short = submission.payload.len() <= limits::UNHEARD_BYTES;
    rules.may_speak(&Member::from(submission.from)) || is_short && !submission.is_fleeting()
}
