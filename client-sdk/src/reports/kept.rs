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
