//! What a newcomer to a group is told of what was said before: the file in which a member gives it.

use crate::archive::{ArchivedMessage, Positions, Unreadable, cut, pack_segment, unpack_segment};
use crate::messages::{MessageRecord, QUEUED_POSITIONS, StoredBody};
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, ChatId, Retention, Timestamp};
use std::collections::BTreeSet;

/// Messages that are told at most: the newest ones.
pub(crate) const TOLD_MESSAGES: usize = 20_000;
/// Bytes of them before compression, at most.
const TOLD_BYTES: usize = 12 * 1024 * 1024;
/// Bytes of a file that is read, at most. Compressed, what is told takes far fewer.
pub(crate) const TOLD_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Messages that are read from the store at once.
const MESSAGES_AT_ONCE: usize = 500;

/// The content of the file: segments as the archive has them. Append-only.
#[derive(Serialize, Deserialize)]
enum Encoded {
    V1(Vec<Vec<u8>>),
}

/// What of a told history a newcomer takes. Nobody can check what is told: so nothing of it is this account's own, is later than its
/// coming, or takes the place of anything that is known.
pub(crate) struct Bounds<'a> {
    pub(crate) own: AccountId,
    pub(crate) since: Timestamp,
    pub(crate) now: Timestamp,
    /// The last position before this account came.
    pub(crate) begins: u64,
    pub(crate) missing: &'a Positions,
}

impl Bounds<'_> {
    /// What of this may be taken: of several messages with one position or one id the first.
    pub(crate) fn taken(&self, messages: Vec<ArchivedMessage>) -> Vec<ArchivedMessage> {
        let (mut places, mut ids) = (BTreeSet::new(), BTreeSet::new());
        let mut taken = messages;
        taken.retain(|message| {
            is_told(message, self.since)
                && message.at <= self.now
                && message.from.account != self.own
                && message.position <= self.begins
                && self.missing.contains(message.position)
                && places.insert(message.position)
                && ids.insert(message.message)
        });
        for message in &mut taken {
            message.reactions.retain(|(account, _)| *account != self.own);
        }
        taken
    }
}

/// Whether a message is told: what somebody has said, and is kept for good.
fn is_told(message: &ArchivedMessage, since: Timestamp) -> bool {
    let is_said = matches!(
        message.body,
        StoredBody::Text(_) | StoredBody::File(_) | StoredBody::Deleted { .. }
    );
    is_said && message.at >= since && message.retention == Retention::Keep && message.expires_at.is_none()
}

/// The newest messages of a chat that were said since a time and stand before a position, in their order.
pub(crate) async fn collect<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    since: Timestamp,
    before: u64,
) -> Result<Vec<ArchivedMessage>, RecordsError> {
    let mut told = Vec::new();
    let (mut end, mut length) = (before.min(QUEUED_POSITIONS), 0_usize);
    'pages: loop {
        let scan = Scan::prefix(record_key::messages(chat))
            .before(record_key::message(chat, end))
            .descending()
            .limit(MESSAGES_AT_ONCE);
        let found = records.scan::<MessageRecord>(scan).await?;
        let is_all = found.len() < MESSAGES_AT_ONCE;
        let is_older = found.iter().all(|(_, record)| record.at < since);
        for (key, record) in found {
            let Some(position) = record_key::last_number(&key) else {
                continue;
            };
            end = position;
            let message = ArchivedMessage::new(position, record).filter(|message| is_told(message, since));
            let Some(message) = message else {
                continue;
            };
            length = length.saturating_add(message.length());
            if length > TOLD_BYTES || told.len() == TOLD_MESSAGES {
                break 'pages;
            }
            told.push(message);
        }
        if is_all || is_older {
            break;
        }
    }
    told.reverse();
    Ok(told)
}

/// The content of the file that tells these.
pub(crate) fn pack(messages: Vec<ArchivedMessage>) -> Result<Vec<u8>, postcard::Error> {
    let segments: Result<_, _> = cut(messages)
        .iter()
        .map(|segment| pack_segment(segment))
        .collect();
    postcard::to_allocvec(&Encoded::V1(segments?))
}

/// What a file tells. Whoever has made it may have put anything into it.
pub(crate) fn unpack(content: &[u8]) -> Result<Vec<ArchivedMessage>, Unreadable> {
    let (Encoded::V1(segments), _) = postcard::take_from_bytes(content).map_err(|_| Unreadable)?;
    let (mut messages, mut length) = (Vec::new(), 0_usize);
    for segment in &segments {
        for message in unpack_segment(segment)? {
            length = length.saturating_add(message.length());
            if length > TOLD_BYTES || messages.len() == TOLD_MESSAGES {
                return Err(Unreadable);
            }
            messages.push(message);
        }
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sotto_crypto_core::Text;
    use sotto_protocol::{DeviceAddress, DeviceId, MessageId};

    fn message(position: u64, text: &str) -> ArchivedMessage {
        ArchivedMessage {
            position,
            message: MessageId::from_bytes([u8::try_from(position % 256).unwrap_or_default(); 16]),
            from: DeviceAddress {
                account: AccountId::from_bytes([1; 16]),
                device: DeviceId::from_bytes([2; 16]),
            },
            body: StoredBody::Text(Text::from(text)),
            at: Timestamp(position),
            retention: Retention::Keep,
            expires_at: None,
            editions: Vec::new(),
            reactions: Vec::new(),
            told_by: None,
            franking: None,
        }
    }

    fn positions(messages: &[ArchivedMessage]) -> Vec<u64> {
        messages.iter().map(|message| message.position).collect()
    }

    #[test]
    fn what_is_older_ends_or_was_said_by_nobody_is_not_told() {
        let mut timed = message(8, "timed");
        timed.retention = Retention::For { seconds: 60 };
        timed.expires_at = Some(Timestamp(60_008));
        let notice = ArchivedMessage {
            body: StoredBody::GroupChanges(Vec::new()),
            ..message(9, "")
        };
        let all = [message(4, "old"), message(5, "told"), timed, notice];
        let told: Vec<u64> = all
            .iter()
            .filter(|message| is_told(message, Timestamp(5)))
            .map(|message| message.position)
            .collect();
        assert_eq!(told, [5]);
    }

    #[test]
    fn a_member_can_tell_nothing_that_is_the_newcomers_own_or_in_the_place_of_what_is_known() {
        let own = AccountId::from_bytes([9; 16]);
        let mut missing = Positions::of(1..=20);
        missing.remove(4..=4);
        let bounds = Bounds {
            own,
            since: Timestamp(2),
            now: Timestamp(18),
            begins: 10,
            missing: &missing,
        };
        let mut put_into_ones_mouth = message(5, "mine");
        put_into_ones_mouth.from.account = own;
        let mut agreed = message(6, "you like this");
        agreed.reactions = vec![
            (own, "👍".to_owned()),
            (AccountId::from_bytes([1; 16]), "👍".to_owned()),
        ];
        let same_id = ArchivedMessage {
            message: agreed.message,
            ..message(7, "another of its id")
        };
        let of_tomorrow = ArchivedMessage {
            at: Timestamp(19),
            ..message(8, "later")
        };
        let taken = bounds.taken(vec![
            message(1, "too old"),
            message(4, "known"),
            put_into_ones_mouth,
            agreed,
            same_id,
            message(6, "twice at one place"),
            of_tomorrow,
            message(9, "told"),
            message(11, "after the newcomer came"),
        ]);
        assert_eq!(positions(&taken), [6, 9]);
        assert_eq!(taken[0].reactions.len(), 1);
    }

    #[test]
    fn a_file_that_would_fill_the_memory_is_refused() {
        let long = "x".repeat(60_000);
        let messages: Vec<_> = (1..=220).map(|position| message(position, &long)).collect();
        let content = pack(messages).unwrap();
        assert!(content.len() < 1024 * 1024);
        assert!(unpack(&content).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_told_is_read_and_noise_is_refused(texts: Vec<String>, noise: Vec<u8>) {
            let messages: Vec<_> = (1..).zip(&texts).map(|(position, text)| message(position, text)).collect();
            let content = pack(messages.clone()).unwrap();
            prop_assert_eq!(positions(&unpack(&content).unwrap()), positions(&messages));
            let _ = unpack(&noise);
        }
    }
}
