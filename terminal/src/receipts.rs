//! How far others are with what was said, in words.

use crate::screen::Screen;
use crate::text;
use sotto_client_sdk::protocol::Timestamp;
use sotto_client_sdk::{Presence, Receipt, Whom};

/// How far a member is with the message at this position.
pub(crate) fn state(receipt: &Receipt, position: u64) -> String {
    let name = name(&receipt.who);
    if receipt.read >= position {
        format!("{name} has read it")
    } else if receipt.delivered >= position {
        format!("{name} has it")
    } else {
        format!("{name} does not have it yet, or does not say")
    }
}

/// Whether somebody is there; nothing if that is not known.
pub(crate) fn presence(screen: &Screen, who: &str, presence: Presence, now: Timestamp) -> Option<String> {
    match presence {
        Presence::Online => Some(format!("{who} is there")),
        Presence::LastSeen { at } => Some(format!("{who} was there last: {}", screen.when(at, now))),
        Presence::Unknown => None,
    }
}

/// A name, as it is shown.
pub(crate) fn name(who: &Whom) -> String {
    let name = who.name.as_ref().map_or("somebody", |name| name.as_str());
    text::line(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_client_sdk::protocol::AccountId;

    #[test]
    fn a_message_is_read_delivered_or_neither() {
        let receipt = Receipt {
            who: Whom {
                account: AccountId::from_bytes([1; 16]),
                name: Some("grace".parse().unwrap()),
            },
            since: 0,
            delivered: 5,
            read: 3,
        };
        assert_eq!(state(&receipt, 3), "grace has read it");
        assert_eq!(state(&receipt, 5), "grace has it");
        assert_eq!(state(&receipt, 6), "grace does not have it yet, or does not say");
    }
}
