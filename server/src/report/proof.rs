//! Whether what is reported of a stored message is what its sender has committed to.
//!
//! `HMAC-SHA-256(key, label ‖ 0x00 ‖ chat ‖ message id ‖ account ‖ device ‖ content)` has to be the commitment in the message's
//! authenticated data. Chat, id, account and device are those of the entry, as the server itself has written them when it took
//! the message: so nobody reports as somebody's what another has said, elsewhere or under another id.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sotto_protocol::frame::{Entry, EntryKind};
use sotto_protocol::message_header::message_commitment;
use sotto_protocol::rest::report::{Said, SaidWithProof};
use sotto_protocol::{ChatId, FrankedPlace, ProblemCode};

/// What an entry says, if that is proven. In constant time as far as key, content and commitment go.
pub(super) fn prove(chat: ChatId, entry: &Entry, shown: SaidWithProof) -> Result<Said, ProblemCode> {
    match entry.kind {
        EntryKind::Application => {}
        EntryKind::Deleted | EntryKind::TakenBack => return Err(ProblemCode::ReportUnprovable),
        EntryKind::Commit | EntryKind::Reversal => return Err(ProblemCode::ReportRefused),
    }
    // Whoever commits to nothing is shown to nobody.
    let commitment = message_commitment(&entry.payload).map_err(|_| ProblemCode::ReportRefused)?;
    let place = FrankedPlace {
        chat,
        message: entry.message,
        from: entry.from,
    };
    mac(shown.key.as_bytes(), &place, shown.content.as_slice())
        .verify_slice(commitment.as_bytes())
        .map_err(|_| ProblemCode::ReportRefused)?;
    Ok(Said {
        message: entry.message,
        seq: Some(entry.seq),
        at: Some(entry.at),
        content: shown.content,
    })
}

#[allow(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(key: &[u8; 32], place: &FrankedPlace, content: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(&place.context());
    mac.update(content);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::{
        AccountId, Binary, Commitment, DeviceAddress, DeviceId, MessageId, Retention, RevealedKey, Seq,
        Timestamp,
    };
    use std::collections::HashMap;

    const CHAT: ChatId = ChatId::from_bytes([0xc1; 16]);
    const SAID: &[u8] = b"what is said";

    fn key() -> [u8; 32] {
        std::array::from_fn(|index| u8::try_from(index).unwrap())
    }

    /// The commitment that another implementation has computed, in the vectors of the crate that makes commitments.
    fn known_commitment() -> Commitment {
        let labels = include_str!("../../../crypto-core/tests/vectors/labels.json");
        let labels: HashMap<String, String> = serde_json::from_str(labels).unwrap();
        let hex = &labels[sotto_protocol::franking::FRANKING];
        let bytes: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        Commitment::try_from(&bytes[..]).unwrap()
    }

    fn entry(kind: EntryKind, authenticated_data: &[u8]) -> Entry {
        let mut payload = vec![0, 1, 0, 2, 16];
        payload.extend_from_slice(CHAT.as_bytes());
        payload.extend_from_slice(&1_u64.to_be_bytes());
        payload.push(1);
        payload.push(u8::try_from(authenticated_data.len()).unwrap());
        payload.extend_from_slice(authenticated_data);
        payload.extend_from_slice(b"sealed");
        Entry {
            seq: Seq(7),
            from: DeviceAddress {
                account: AccountId::from_bytes([0xa1; 16]),
                device: DeviceId::from_bytes([0xd1; 16]),
            },
            message: MessageId::from_bytes([0x3e; 16]),
            at: Timestamp(5),
            retention: Retention::Keep,
            kind,
            payload: payload.into(),
        }
    }

    fn shown(key: [u8; 32], content: &[u8]) -> SaidWithProof {
        SaidWithProof {
            seq: Seq(7),
            key: RevealedKey::from_bytes(key),
            content: Binary::from(content.to_vec()),
        }
    }

    #[test]
    fn what_was_committed_to_is_proven_and_nothing_else() {
        let committed = known_commitment().authenticated_data();
        let genuine = entry(EntryKind::Application, &committed);
        let proven = prove(CHAT, &genuine, shown(key(), SAID)).unwrap();
        assert_eq!(proven.message, genuine.message);
        assert_eq!((proven.seq, proven.at), (Some(Seq(7)), Some(Timestamp(5))));
        assert_eq!(proven.content.as_slice(), SAID);

        let refused = |entry: &Entry, shown: SaidWithProof| {
            assert_eq!(prove(CHAT, entry, shown), Err(ProblemCode::ReportRefused));
        };
        refused(&genuine, shown(key(), b"what is sait"));
        let mut other_key = key();
        other_key[31] ^= 1;
        refused(&genuine, shown(other_key, SAID));
        for change in [
            |entry: &mut Entry| entry.message = MessageId::from_bytes([0x3f; 16]),
            |entry: &mut Entry| entry.from.account = AccountId::from_bytes([0xa2; 16]),
            |entry: &mut Entry| entry.from.device = DeviceId::from_bytes([0xd2; 16]),
        ] {
            let mut other = genuine.clone();
            change(&mut other);
            refused(&other, shown(key(), SAID));
        }
        let elsewhere = ChatId::from_bytes([0xc2; 16]);
        assert!(prove(elsewhere, &genuine, shown(key(), SAID)).is_err());
        refused(&entry(EntryKind::Application, &[]), shown(key(), SAID));
        refused(&entry(EntryKind::Commit, &committed), shown(key(), SAID));
    }

    #[test]
    fn what_is_not_stored_any_more_cannot_be_proven() {
        for kind in [EntryKind::Deleted, EntryKind::TakenBack] {
            let gone = entry(kind, &known_commitment().authenticated_data());
            let refusal = prove(CHAT, &gone, shown(key(), SAID));
            assert_eq!(refusal, Err(ProblemCode::ReportUnprovable));
        }
    }
}
