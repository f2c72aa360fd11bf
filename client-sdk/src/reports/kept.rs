//! What a device keeps of each message so that it can be reported: the key of its sender's commitment, and what was committed to.

use crate::messages::{MessageRecord, StoredBody, StoredEdition};
use serde::{Deserialize, Serialize};
use sotto_crypto_core::{Body, Content, Edit, Franked, FrankingKey, SecretBytes};
use sotto_protocol::{MessageId, Retention, Seq};

/// What shows to the server what a message says: 33 bytes of nearly every one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptFranking {
    /// The message's own key: it goes with the message, and nothing that stays could bring it back.
    key: FrankingKey,
    /// The content as it came, if what is stored of it is not the same when it is encoded again: a newer version has written it.
    content: Option<Vec<u8>>,
}

/// A message or an edit of it, and what shows that it was said.
pub(crate) struct Shown {
    pub(crate) message: MessageId,
    pub(crate) seq: Option<Seq>,
    /// None of what came before there was one, or that a device without it has archived.
    pub(crate) key: Option<FrankingKey>,
    pub(crate) content: SecretBytes,
}

impl KeptFranking {
    /// Of a message, of which this is what the store has.
    pub(crate) fn new(franked: Franked, stored: Option<&Content>) -> Self {
        let encoded = stored.and_then(encoded);
        let is_same = encoded.is_some_and(|encoded| encoded == franked.content);
        Self {
            content: (!is_same).then(|| franked.content.expose().to_vec()),
            key: franked.key,
        }
    }

    /// Of a message that this device has sent, which is stored as it was sent.
    pub(crate) const fn own(key: FrankingKey) -> Self {
        Self { key, content: None }
    }
}

fn encoded(content: &Content) -> Option<SecretBytes> {
    content.encode().ok().map(SecretBytes::from)
}

/// What a message has said first, as its sender has encoded it; `None` if that is not known, or nobody has said it.
pub(crate) fn first_content(record: &MessageRecord) -> Option<Content> {
    let mut body = match &record.body {
        StoredBody::Text(text) => Body::Text(text.clone()),
        StoredBody::File(file) => Body::File(file.clone()),
        StoredBody::Unknown { kind, bytes } if *kind != 0 => Body::Unknown {
            kind: *kind,
            bytes: bytes.clone(),
        },
        StoredBody::Unknown { .. }
        | StoredBody::Deleted { .. }
        | StoredBody::GroupChanges(_)
        | StoredBody::Upload { .. } => return None,
    };
    match (record.editions.first(), &mut body) {
        (None, _) => {}
        (Some(first), Body::Text(text)) if first.by == record.message => *text = first.text.clone(),
        // The first text is not here any more.
        (Some(_), _) => return None,
    }
    Some(Content {
        message: record.message,
        retention: record.retention,
        body,
    })
}

/// An edit, as its sender has encoded it. Of one with a time that is not known, so it is kept as it came.
pub(crate) fn edit_content(target: MessageId, edition: &StoredEdition) -> Content {
    Content {
        message: edition.by,
        retention: Retention::Keep,
        body: Body::Edit(Edit {
            message: target,
            text: edition.text.clone(),
        }),
    }
}

/// What can be shown of a message at this position: what it has said first, and the latest `edits` edits.
pub(crate) fn shown(position: u64, record: &MessageRecord, edits: usize) -> Vec<Shown> {
    let shown = |content: Option<Content>, kept: Option<&KeptFranking>, message, seq| {
        let as_it_came = kept.and_then(|kept| kept.content.clone()).map(SecretBytes::from);
        Some(Shown {
            message,
            seq,
            key: kept.map(|kept| kept.key.clone()),
            content: as_it_came.or_else(|| content.as_ref().and_then(encoded))?,
        })
    };
    let first = shown(
        first_content(record),
        record.franking.as_ref(),
        record.message,
        Some(Seq(position)),
    );
    let edited = record
        .editions
        .iter()
        .filter(|edition| edition.by != record.message);
    let edited: Vec<&StoredEdition> = edited.collect();
    let latest = edited
        .get(edited.len().saturating_sub(edits)..)
        .unwrap_or_default();
    let edits = latest.iter().filter_map(|edition| {
        let content = edit_content(record.message, edition);
        shown(Some(content), edition.franking.as_ref(), edition.by, edition.seq)
    });
    first.into_iter().chain(edits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::StoredState;
    use sotto_crypto_core::Text;
    use sotto_protocol::{AccountId, DeviceAddress, DeviceId, Timestamp};

    const MESSAGE: MessageId = MessageId::from_bytes([3; 16]);

    fn key(number: u8) -> FrankingKey {
        postcard::from_bytes(&[number; 32]).unwrap()
    }

    fn record(text: &str) -> MessageRecord {
        let from = DeviceAddress {
            account: AccountId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([2; 16]),
        };
        let body = StoredBody::Text(Text::from(text));
        MessageRecord::new(MESSAGE, from, body, Timestamp(5), StoredState::Received)
    }

    /// As it came from a sender.
    fn came(mut record: MessageRecord, content: Vec<u8>) -> MessageRecord {
        let franked = Franked {
            key: key(7),
            content: content.into(),
        };
        record.franking = Some(KeptFranking::new(franked, first_content(&record).as_ref()));
        record
    }

    fn bytes_shown(record: &MessageRecord) -> Vec<Vec<u8>> {
        let shown = shown(9, record, 2);
        shown
            .iter()
            .map(|shown| shown.content.expose().to_vec())
            .collect()
    }

    #[test]
    fn of_a_message_the_key_is_kept_and_it_is_shown_as_it_came() {
        let said = first_content(&record("hello")).unwrap().encode().unwrap();
        let kept = came(record("hello"), said.clone());
        assert_eq!(postcard::to_stdvec(&kept.franking).unwrap().len(), 1 + 32 + 1);
        assert_eq!(bytes_shown(&kept), [said]);
        let shown = shown(9, &kept, 2);
        assert_eq!((shown[0].message, shown[0].seq), (MESSAGE, Some(Seq(9))));
        assert!(shown[0].key == Some(key(7)));
    }

    #[test]
    fn what_a_newer_version_has_written_is_shown_as_it_came_too() {
        let mut said = first_content(&record("hello")).unwrap().encode().unwrap();
        // The body is longer by a field that this version passes over.
        let length = said.len() - "hello".len() - 2;
        said[length] += 4;
        said.extend([0, 0, 0, 9]);
        let content = Content::decode(&said).unwrap();
        assert_ne!(content.encode().unwrap(), said);
        assert_eq!(bytes_shown(&came(record("hello"), said.clone())), [said]);
    }

    #[test]
    fn an_edited_message_is_shown_with_its_first_text_and_its_latest_edits() {
        let said = first_content(&record("first")).unwrap().encode().unwrap();
        let mut edited = came(record("first"), said.clone());
        let edition = |by: MessageId, text: &str, franking| StoredEdition {
            by,
            seq: Some(Seq(20)),
            at: Timestamp(6),
            text: Text::from(text),
            franking,
        };
        edited.editions.push(edition(MESSAGE, "first", None));
        for number in [4, 5, 6] {
            let by = MessageId::from_bytes([number; 16]);
            let franking = Some(KeptFranking::own(key(number)));
            edited
                .editions
                .push(edition(by, &format!("edit {number}"), franking));
        }
        edited.body = StoredBody::Text(Text::from("edit 6"));
        let edits = edited.editions[2..].iter();
        let edits = edits.map(|edition| edit_content(MESSAGE, edition).encode().unwrap());
        let expected: Vec<Vec<u8>> = core::iter::once(said).chain(edits).collect();
        assert_eq!(bytes_shown(&edited), expected);
        assert!(shown(9, &edited, 2)[2].key == Some(key(6)));
        // Where the first text is not kept any more, it cannot be shown.
        edited.editions.remove(0);
        assert_eq!(bytes_shown(&edited), expected[1..]);
    }

    #[test]
    fn what_is_deleted_shows_nothing() {
        let mut deleted = came(record("hello"), vec![1, 2, 3]);
        deleted.body = StoredBody::Deleted {
            by: AccountId::from_bytes([1; 16]),
        };
        deleted.franking = None;
        assert!(shown(9, &deleted, 2).is_empty());
    }
}
