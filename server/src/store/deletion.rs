//! Messages that are deleted for all, and who may delete them. The stores find them and erase them; this decides.

use sotto_protocol::chat_rules::{Member, Role};
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress, Seq, Timestamp};

/// A device deletes messages of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The chat.
    pub chat: ChatId,
    /// The device.
    pub by: DeviceAddress,
    /// The messages.
    pub entries: Vec<NamedEntry>,
    /// When.
    pub at: Timestamp,
}

/// What became of a [`Deletion`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// None of the messages is there any more.
    Erased,
    /// One of them is another account's, and the device's own holds no office in the group, or the chat is none: all are still
    /// there.
    Refused,
}

/// An application message that has a payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredMessage {
    pub(super) entry: NamedEntry,
    pub(super) sender: AccountId,
}

impl Deletion {
    /// The positions to look at.
    pub(super) fn positions(&self) -> impl Iterator<Item = Seq> {
        self.entries.iter().map(|entry| entry.seq)
    }

    /// Which of the messages at [these positions](Self::positions) are to be erased; `None` if one of them may not be. Without
    /// rules the chat is no group.
    pub(super) fn judge(&self, rules: Option<&ChatRules>, stored: &[StoredMessage]) -> Option<Vec<Seq>> {
        let group = rules.and_then(ChatRules::as_group);
        let holds_office = group.is_some_and(|rules| rules.role_of(&Member::from(self.by)) >= Role::Admin);
        stored
            .iter()
            .filter(|message| self.entries.contains(&message.entry))
            .map(|message| {
                let may_be = holds_office || message.sender == self.by.account;
                may_be.then_some(message.entry.seq)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::fixture::{ALICE, BOB, EVE, NOW, Person, chat, direct, group_rules, message};

    fn stored(seq: u64, sender: Person) -> StoredMessage {
        StoredMessage {
            entry: named(seq),
            sender: sender.account(),
        }
    }

    fn named(seq: u64) -> NamedEntry {
        NamedEntry {
            seq: Seq(seq),
            message: message(u32::try_from(seq).unwrap()),
        }
    }

    fn deletion(by: Person, seqs: &[u64]) -> Deletion {
        Deletion {
            chat: chat(1),
            by: by.device(1),
            entries: seqs.iter().copied().map(named).collect(),
            at: NOW,
        }
    }

    #[test]
    fn everybody_deletes_their_own_accounts_messages_from_any_device() {
        let rules = direct(ALICE, BOB);
        let stored = [stored(1, ALICE), stored(2, BOB)];
        let mut alices = deletion(ALICE, &[1]);
        alices.by = ALICE.device(2);
        assert_eq!(alices.judge(Some(&rules), &stored), Some(vec![Seq(1)]));
        assert_eq!(alices.judge(None, &stored), Some(vec![Seq(1)]));
        assert_eq!(deletion(ALICE, &[1, 2]).judge(Some(&rules), &stored), None);
        assert_eq!(deletion(ALICE, &[1, 2]).judge(None, &stored), None);
    }

    #[test]
    fn an_office_in_a_group_reaches_as_far_as_the_group() {
        let mut rules = group_rules(ALICE);
        rules.appoint(BOB.party(), Role::Admin);
        let rules = ChatRules::Group(rules);
        let stored = [stored(1, ALICE), stored(2, BOB), stored(3, EVE)];
        let all = Some(vec![Seq(1), Seq(2), Seq(3)]);
        for officer in [ALICE, BOB] {
            assert_eq!(deletion(officer, &[1, 2, 3]).judge(Some(&rules), &stored), all);
        }
        assert_eq!(deletion(EVE, &[2, 3]).judge(Some(&rules), &stored), None);
        assert_eq!(
            deletion(EVE, &[3]).judge(Some(&rules), &stored),
            Some(vec![Seq(3)])
        );
    }

    #[test]
    fn a_message_is_meant_by_its_position_and_its_id_together() {
        let stored = [stored(1, ALICE), stored(2, BOB)];
        let mut request = deletion(ALICE, &[1]);
        request.entries.push(NamedEntry {
            seq: Seq(2),
            message: message(1),
        });
        assert_eq!(request.judge(None, &stored), Some(vec![Seq(1)]));
        assert_eq!(deletion(ALICE, &[7]).judge(None, &stored), Some(vec![]));
    }
}
