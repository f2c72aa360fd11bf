//! What a sender commits to: nothing else fits it, and what is sent has one of few lengths.

use crate::rng;
use proptest::prelude::*;
use sotto_crypto_core::{Franked, FrankingKey};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, FrankedPlace, MessageId};

fn place(ids: [u8; 4]) -> FrankedPlace {
    let [chat, message, account, device] = ids;
    FrankedPlace {
        chat: ChatId::from_bytes([chat; 16]),
        message: MessageId::from_bytes([message; 16]),
        from: DeviceAddress {
            account: AccountId::from_bytes([account; 16]),
            device: DeviceId::from_bytes([device; 16]),
        },
    }
}

#[test]
fn short_messages_are_of_one_length() {
    let key = FrankingKey::generate(&mut rng(1));
    let lengths = [0, 1, 50, 95].map(|length| key.plain_text(&vec![7; length]).len());
    assert_eq!(lengths, [128; 4]);
    assert_eq!(key.plain_text(&[7; 96]).len(), 256);
}

#[test]
fn what_has_no_key_or_no_padding_is_no_message() {
    let plain = FrankingKey::generate(&mut rng(1)).plain_text(&[]);
    assert!(Franked::read(&plain).is_some_and(|franked| franked.content.expose().is_empty()));
    // The last byte of the key is cut off, then the mark that ends the content.
    assert!(Franked::read(&plain[1..]).is_none());
    assert!(Franked::read(&plain[..32]).is_none());
}

proptest! {
    #[test]
    fn what_is_said_there_fits_and_nothing_else(
        seed: u64,
        ids: [u8; 4],
        content in proptest::collection::vec(any::<u8>(), 1..300),
        altered in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let key = FrankingKey::generate(&mut rng(seed));
        let place_of = place(ids);
        let commitment = key.commit(&place_of, &content);
        let franked = Franked::read(&key.plain_text(&content)).unwrap();
        prop_assert_eq!(franked.content.expose(), &content[..]);
        prop_assert!(franked.key.fits(&place_of, franked.content.expose(), &commitment));

        let mut other = content.clone();
        other[altered.index(content.len())] ^= 1 << bit;
        prop_assert!(!key.fits(&place_of, &other, &commitment));
        prop_assert!(!key.fits(&place_of, &content[1..], &commitment));
        prop_assert!(!key.fits(&place_of, &[&content[..], &[0]].concat(), &commitment));

        let mut bytes = *key.reveal().as_bytes();
        bytes[altered.index(bytes.len())] ^= 1 << bit;
        let other_key = Franked::read(&[&bytes[..], &[0x80]].concat()).unwrap().key;
        prop_assert!(!other_key.fits(&place_of, &content, &commitment));

        for at in 0..ids.len() {
            let mut elsewhere = ids;
            elsewhere[at] ^= 1 << bit;
            prop_assert!(!key.fits(&place(elsewhere), &content, &commitment));
        }
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Franked::read(&bytes);
    }
}
