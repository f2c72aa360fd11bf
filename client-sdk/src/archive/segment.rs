//! Segments: messages that are sealed together.

use super::message::ArchivedMessage;
use super::packed::{Unreadable, pack, unpack};
use serde::{Deserialize, Serialize};
use sotto_crypto_core::archive::ARCHIVED_BYTES;
use sotto_protocol::{Retention, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Bytes of the messages of a segment, before compression. One that is longer has a segment of its own.
pub(crate) const SEGMENT_CONTENT_BYTES: usize = 64 * 1024;
/// Bytes of the longest message that is archived with all that it has said before.
const LONGEST_BYTES: usize = ARCHIVED_BYTES - 8 * 1024;
/// What ends within so many milliseconds is not archived.
const SHORTEST_MS: u64 = 10 * 60 * 1000;
/// Into how many parts the lifetime of timed messages is divided: those that end in the same part end together in the archive.
const PARTS: u64 = 64;

/// A segment as it is sealed. Append-only.
#[derive(Serialize, Deserialize)]
enum Encoded<'a> {
    V1(Cow<'a, [ArchivedMessage]>),
}

pub(crate) fn pack_segment(messages: &[ArchivedMessage]) -> Result<Vec<u8>, postcard::Error> {
    pack(&Encoded::V1(Cow::Borrowed(messages)))
}

pub(crate) fn unpack_segment(packed: &[u8]) -> Result<Vec<ArchivedMessage>, Unreadable> {
    let Encoded::V1(messages) = unpack(packed)?;
    Ok(messages.into_owned())
}

/// Divides messages among segments, in their order.
pub(crate) fn cut(messages: Vec<ArchivedMessage>) -> Vec<Vec<ArchivedMessage>> {
    let mut segments: Vec<Vec<ArchivedMessage>> = Vec::new();
    let mut length = usize::MAX;
    for mut message in messages {
        message.shorten(LONGEST_BYTES);
        let more = message.length();
        match segments.last_mut() {
            Some(segment) if length.saturating_add(more) <= SEGMENT_CONTENT_BYTES => {
                segment.push(message);
                length += more;
            }
            Some(_) | None => {
                segments.push(vec![message]);
                length = more;
            }
        }
    }
    segments
}

/// The messages that end, by when their segments do: never later than the message, and so that not each has one of its own. What
/// ends too soon is left out.
pub(crate) fn by_end(
    messages: Vec<ArchivedMessage>,
    now: Timestamp,
) -> BTreeMap<Timestamp, Vec<ArchivedMessage>> {
    let mut by_end: BTreeMap<Timestamp, Vec<ArchivedMessage>> = BTreeMap::new();
    for message in messages {
        let Some(ends_at) = end_of(&message) else {
            continue;
        };
        if ends_at.0 > now.0.saturating_add(SHORTEST_MS) {
            by_end.entry(ends_at).or_default().push(message);
        }
    }
    by_end
}

/// When the segment of a message that ends does.
fn end_of(message: &ArchivedMessage) -> Option<Timestamp> {
    let expires_at = message.expires_at?;
    let lifetime = match message.retention {
        Retention::For { seconds } => u64::from(seconds) * 1000,
        Retention::Keep | Retention::Never => 0,
    };
    let part = (lifetime / PARTS).max(1000);
    Some(Timestamp(expires_at.0 / part * part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::StoredBody;
    use sotto_crypto_core::Text;
    use sotto_protocol::{AccountId, DeviceAddress, DeviceId, MessageId};

    const HOUR: u64 = 60 * 60 * 1000;

    fn message(position: u64, text: &str, ends: Option<(u64, u32)>) -> ArchivedMessage {
        let (expires_at, retention) = match ends {
            Some((at, seconds)) => (Some(Timestamp(at)), Retention::For { seconds }),
            None => (None, Retention::Keep),
        };
        ArchivedMessage {
            position,
            message: MessageId::from_bytes([3; 16]),
            from: DeviceAddress {
                account: AccountId::from_bytes([1; 16]),
                device: DeviceId::from_bytes([2; 16]),
            },
            body: StoredBody::Text(Text {
                text: text.to_owned(),
                ..Text::default()
            }),
            at: Timestamp(5),
            retention,
            expires_at,
            editions: Vec::new(),
            reactions: Vec::new(),
            told_by: None,
            franking: None,
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    const GOLDEN: &str = concat!(
        "00020703030303030303030303030303030303",
        "0101010101010101010101010101010102020202020202020202020202020202",
        "0002686900000005000000000000",
        "0803030303030303030303030303030303",
        "0101010101010101010101010101010102020202020202020202020202020202",
        "000000000005013c01ac0200000000"
    );

    #[test]
    fn what_was_archived_once_is_read_by_every_later_version() {
        let segment = [message(7, "hi", None), message(8, "", Some((300, 60)))];
        let encoded = postcard::to_allocvec(&Encoded::V1(Cow::Borrowed(&segment))).unwrap();
        assert_eq!(hex(&encoded), GOLDEN);
        let (Encoded::V1(read), rest) = postcard::take_from_bytes(&encoded).unwrap();
        assert_eq!((read.len(), rest.len()), (2, 0));
    }

    #[test]
    fn segments_hold_so_much_and_what_is_longer_alone() {
        let long = "x".repeat(SEGMENT_CONTENT_BYTES - 1_000);
        let messages = vec![
            message(1, "a", None),
            message(2, &"x".repeat(SEGMENT_CONTENT_BYTES + 1), None),
            message(3, "b", None),
            message(4, &long, None),
            message(5, &long, None),
        ];
        let positions: Vec<Vec<u64>> = cut(messages)
            .iter()
            .map(|segment| segment.iter().map(|message| message.position).collect())
            .collect();
        assert_eq!(positions, [vec![1], vec![2], vec![3, 4], vec![5]]);
    }

    #[test]
    fn a_message_that_no_segment_could_hold_loses_its_former_texts() {
        let mut message = message(1, "now", None);
        for _ in 0..8 {
            message.editions.push(crate::messages::StoredEdition {
                by: message.message,
                seq: None,
                at: message.at,
                text: Text {
                    text: "x".repeat(60_000),
                    ..Text::default()
                },
                franking: None,
            });
        }
        let segments = cut(vec![message]);
        let kept = segments.concat();
        assert_eq!(kept.len(), 1);
        assert!(
            kept.iter()
                .all(|kept| kept.length() <= LONGEST_BYTES && kept.editions.len() == 3)
        );
    }

    #[test]
    fn timed_messages_end_in_the_archive_before_they_do_and_together() {
        let now = Timestamp(1_000 * HOUR);
        let at = |hours: u64| now.0 + hours * HOUR;
        let week = 7 * 24 * 60 * 60;
        let ends = by_end(
            vec![
                message(1, "a", Some((at(100), week))),
                message(2, "b", Some((at(100) + 1, week))),
                message(3, "c", Some((at(160), week))),
                message(4, "over in a moment", Some((now.0 + 60_000, 60))),
            ],
            now,
        );
        let positions: Vec<Vec<u64>> = ends
            .values()
            .map(|messages| messages.iter().map(|message| message.position).collect())
            .collect();
        assert_eq!(positions, [vec![1, 2], vec![3]]);
        for (ends_at, messages) in ends {
            assert!(messages.iter().all(|message| message.expires_at >= Some(ends_at)));
        }
    }
}
