//! Timed entries that wait to be sent to a device when their time is over.

use bytes::Bytes;
use sotto_protocol::Timestamp;
use sotto_protocol::frame::{Entry, EntryKind, Outcome, ServerFrame};

/// When the entry's time is over; `None` if it is kept, or has no payload any more.
pub(super) fn expires_at<P>(entry: &Entry<P>) -> Option<Timestamp> {
    let has_payload = entry.kind != EntryKind::Deleted;
    entry.retention.expires_at(entry.at).filter(|_| has_payload)
}

/// When the first of the entries that an answer has is over.
pub(super) fn first_expiry(outcome: &Outcome) -> Option<Timestamp> {
    match outcome {
        Outcome::Page(page) => page.entries.iter().filter_map(expires_at).min(),
        _ => None,
    }
}

/// The frame without the payloads of entries that are over, if it has such.
pub(crate) fn without_what_is_over(frame: &Bytes, now: Timestamp) -> Option<Bytes> {
    let mut has_changed = false;
    let mut erase = |entry: &mut Entry| {
        if expires_at(entry).is_some_and(|expires_at| expires_at <= now) {
            entry.kind = EntryKind::Deleted;
            entry.payload = Bytes::new();
            has_changed = true;
        }
    };
    let mut frame = ServerFrame::decode(frame).ok()?;
    match &mut frame {
        ServerFrame::Entry { entry, .. } => erase(entry),
        ServerFrame::Response {
            outcome: Outcome::Page(page),
            ..
        } => page.entries.iter_mut().for_each(erase),
        _ => {}
    }
    has_changed.then(|| frame.encode())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::frame::{Page, RequestId};
    use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, MessageId, Retention, Seq};

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);

    fn entry(seconds: u32) -> Entry {
        Entry {
            seq: Seq(u64::from(seconds)),
            from: DeviceAddress {
                account: AccountId::from_bytes([2; 16]),
                device: DeviceId::from_bytes([3; 16]),
            },
            message: MessageId::from_bytes([4; 16]),
            at: Timestamp(5000),
            retention: if seconds == 0 {
                Retention::Keep
            } else {
                Retention::For { seconds }
            },
            kind: EntryKind::Application,
            payload: Bytes::from_static(b"payload"),
        }
    }

    fn page(entries: Vec<Entry>) -> Outcome {
        let last = Seq(9);
        Outcome::Page(Page { entries, last })
    }

    #[test]
    fn an_entry_that_is_over_keeps_its_place_and_loses_its_payload() {
        let frame = ServerFrame::Entry {
            chat: CHAT,
            entry: entry(10),
        };
        let frame = frame.encode();
        assert_eq!(without_what_is_over(&frame, Timestamp(14_999)), None);
        let erased = without_what_is_over(&frame, Timestamp(15_000)).unwrap();
        let expected = Entry {
            kind: EntryKind::Deleted,
            payload: Bytes::new(),
            ..entry(10)
        };
        let expected = ServerFrame::Entry {
            chat: CHAT,
            entry: expected,
        };
        assert_eq!(ServerFrame::decode(&erased).unwrap(), expected);
        assert_eq!(without_what_is_over(&erased, Timestamp(15_000)), None);
    }

    #[test]
    fn of_a_page_what_is_over_is_erased_and_the_rest_stays() {
        let outcome = page(vec![entry(0), entry(10), entry(20)]);
        assert_eq!(first_expiry(&outcome), Some(Timestamp(15_000)));
        let request = RequestId(1);
        let frame = ServerFrame::Response { request, outcome }.encode();
        let erased = without_what_is_over(&frame, Timestamp(15_000)).unwrap();
        let Ok(ServerFrame::Response { outcome, .. }) = ServerFrame::decode(&erased) else {
            panic!("it is no answer any more");
        };
        assert_eq!(first_expiry(&outcome), Some(Timestamp(25_000)));
        let Outcome::Page(Page { entries, .. }) = outcome else {
            panic!("it is no page any more");
        };
        let lengths: Vec<usize> = entries.iter().map(|entry| entry.payload.len()).collect();
        assert_eq!(lengths, [7, 0, 7]);
    }
}
