//! Message content: what is said survives, and its length says little.

use crate::new_chat::NewChat;
use crate::rng;
use proptest::prelude::*;
use sotto_crypto_core::content::{ChatRetention, ContentError, ContentTooLong};
use sotto_crypto_core::{Body, Content, Deletion, Edit, Mention, Pin, Quote, Reaction, Text};
use sotto_protocol::{AccountId, MessageId, Retention, Seq, limits};

fn text(text: impl Into<String>) -> Content {
    Content {
        message: MessageId::from_bytes([7; 16]),
        retention: Retention::Keep,
        body: Body::Text(Text::from(text.into())),
    }
}

#[test]
fn the_bytes_of_a_text_are_frozen() {
    let mut expected = vec![1]; // version
    expected.extend([7; 16]); // message id
    expected.push(1); // kind: text
    expected.push(3); // length of the body
    expected.push(2); // length of the text
    expected.extend(b"hi");
    assert_eq!(text("hi").encode().unwrap(), expected);
    assert_eq!(Content::decode(&expected), Ok(text("hi")));
}

/// What is kept for good says nothing of it; what is not has that behind everything else.
#[test]
fn the_bytes_of_a_retention_are_frozen() {
    let mut text_of_before = vec![1];
    text_of_before.extend([7; 16]);
    text_of_before.extend([1, 3, 2, b'h', b'i']);
    for (retention, encoded) in [
        (Retention::For { seconds: 300 }, &[1, 0xac, 0x02][..]),
        (Retention::Never, &[2][..]),
    ] {
        let content = Content {
            retention,
            ..text("hi")
        };
        let expected = [text_of_before.as_slice(), encoded].concat();
        assert_eq!(content.encode().unwrap(), expected);
        assert_eq!(Content::decode(&expected), Ok(content));
    }
}

#[test]
fn a_retention_that_is_none_is_refused() {
    let text = [&[1][..], &[7; 16], &[1, 3, 2, b'h', b'i']].concat();
    let no_seconds = &[1, 0][..];
    let two_years = &[1, 0x80, 0xce, 0x89, 0x1e];
    let keep = &[0];
    let unknown = &[3];
    let continued = &[2, 2];
    let cut = &[1];
    for tail in [no_seconds, two_years, keep, unknown, continued, cut] {
        let content = [text.as_slice(), tail].concat();
        assert_eq!(
            Content::decode(&content),
            Err(ContentError::Malformed),
            "{tail:?}"
        );
    }
}

/// A plain text says nothing of the rest; what answers, names somebody or is passed on has that behind it.
#[test]
fn the_bytes_of_a_text_with_all_that_it_can_have_are_frozen() {
    let content = Content {
        body: Body::Text(Text {
            text: "hi @bea".to_owned(),
            reply_to: Some(Quote {
                message: MessageId::from_bytes([8; 16]),
                from: AccountId::from_bytes([9; 16]),
                text: "oh".to_owned(),
            }),
            mentions: vec![Mention {
                start: 3,
                end: 7,
                account: AccountId::from_bytes([9; 16]),
            }],
            is_forwarded: true,
        }),
        ..text("")
    };
    let text: [&[u8]; 2] = [&[7], b"hi @bea"];
    let quote: [&[u8]; 4] = [&[1], &[8; 16], &[9; 16], b"\x02oh"];
    let mention: [&[u8]; 3] = [&[1, 3, 7], &[9; 16], &[1]];
    let body = [text.concat(), quote.concat(), mention.concat()].concat();
    let length = u8::try_from(body.len()).unwrap();
    let expected = [&[1][..], &[7; 16], &[1, length], &body].concat();
    assert_eq!(content.encode().unwrap(), expected);
    assert_eq!(Content::decode(&expected), Ok(content));
}

#[test]
fn the_bytes_of_what_is_said_of_a_message_are_frozen() {
    let message = MessageId::from_bytes([8; 16]);
    let reaction = |is_set| {
        Body::Reaction(Reaction {
            message,
            emoji: "👍".to_owned(),
            is_set,
        })
    };
    let edit = Body::Edit(Edit {
        message,
        text: Text::from("hi"),
    });
    for (body, kind, tail) in [
        (edit, 8, &b"\x02hi"[..]),
        (Body::Deletion(Deletion { message }), 9, b""),
        (reaction(true), 10, b"\x04\xf0\x9f\x91\x8d\x01"),
        (reaction(false), 10, b"\x04\xf0\x9f\x91\x8d\x00"),
        (
            Body::Pin(Pin {
                message,
                is_pinned: true,
            }),
            11,
            b"\x01",
        ),
    ] {
        let content = Content { body, ..text("") };
        let length = 16 + u8::try_from(tail.len()).unwrap();
        let expected = [&[1][..], &[7; 16], &[kind, length], &[8; 16], tail].concat();
        assert_eq!(content.encode().unwrap(), expected);
        assert_eq!(Content::decode(&expected), Ok(content));
    }
}

#[test]
fn a_text_that_names_somebody_where_there_is_nothing_is_refused() {
    let mention = |start, end| Mention {
        start,
        end,
        account: AccountId::from_bytes([9; 16]),
    };
    let named = |mentions: Vec<Mention>| Text {
        mentions,
        ..Text::from("é @bea")
    };
    assert!(named(vec![mention(0, 2), mention(3, 7)]).is_sound());
    for unsound in [
        vec![mention(3, 8)],
        vec![mention(1, 2)],
        vec![mention(3, 3)],
        vec![mention(5, 4)],
        vec![mention(3, 7), mention(0, 2)],
        vec![mention(0, 2), mention(0, 2)],
        vec![mention(u32::MAX, u32::MAX)],
    ] {
        let content = Content {
            body: Body::Text(named(unsound)),
            ..text("")
        };
        let encoded = content.encode().unwrap();
        assert_eq!(Content::decode(&encoded), Err(ContentError::Malformed));
    }
}

#[test]
fn a_reaction_is_a_character_or_a_few() {
    for (emoji, is_sound) in [
        ("👍", true),
        ("👩‍👩‍👧‍👦", true),
        ("ok", true),
        ("", false),
        ("a\nb", false),
    ] {
        let reaction = Reaction {
            message: MessageId::from_bytes([8; 16]),
            emoji: emoji.to_owned(),
            is_set: true,
        };
        assert_eq!(reaction.is_sound(), is_sound, "{emoji:?}");
        let content = Content {
            body: Body::Reaction(reaction),
            ..text("")
        };
        assert_eq!(Content::decode(&content.encode().unwrap()).is_ok(), is_sound);
    }
    let long = Reaction {
        message: MessageId::from_bytes([8; 16]),
        emoji: "👍".repeat(limits::REACTION_BYTES / 4 + 1),
        is_set: true,
    };
    assert!(!long.is_sound());
}

#[test]
fn the_bytes_of_a_chats_retention_are_frozen() {
    for (set_at, encoded) in [
        (None, &[1, 60, 0][..]),
        (Some(Seq(300)), &[1, 60, 1, 0xac, 0x02][..]),
    ] {
        let content = Content {
            body: Body::Retention(ChatRetention {
                retention: Retention::For { seconds: 60 },
                set_at,
            }),
            ..text("")
        };
        let length = u8::try_from(encoded.len()).unwrap();
        let expected = [&[1][..], &[7; 16], &[7, length], encoded].concat();
        assert_eq!(content.encode().unwrap(), expected);
        assert_eq!(Content::decode(&expected), Ok(content));
    }
    let no_seconds = [&[1][..], &[7; 16], &[7, 3, 1, 0, 0]].concat();
    assert_eq!(Content::decode(&no_seconds), Err(ContentError::Malformed));
}

#[test]
fn the_longest_text_fits_an_entry() {
    let NewChat { alice, mut chat, .. } = NewChat::new();
    for longest in [
        "a".repeat(limits::TEXT_BYTES),
        "👍".repeat(limits::TEXT_BYTES / 4),
    ] {
        let encoded = text(longest.clone()).encode().unwrap();
        assert_eq!(Content::decode(&encoded), Ok(text(longest.clone())));
        let payload = chat.encrypt(&mut rng(2), &alice, &text(longest)).unwrap().payload;
        assert!(payload.len() <= limits::PAYLOAD_BYTES, "{}", payload.len());
    }
}

#[test]
fn on_the_wire_short_messages_have_one_length_too() {
    let NewChat { alice, mut chat, .. } = NewChat::new();
    let lengths = [
        "",
        "no",
        "👍",
        "See you at eight at the usual place, bring the map!",
    ]
    .map(|words| {
        chat.encrypt(&mut rng(2), &alice, &text(words))
            .unwrap()
            .payload
            .len()
    });
    assert_eq!(lengths, [lengths[0]; 4]);
}

#[test]
fn a_text_that_is_too_long_is_refused_on_both_sides() {
    let too_long = "a".repeat(limits::TEXT_BYTES + 1);
    assert_eq!(text(too_long.clone()).encode(), Err(ContentTooLong));
    let mut body = vec![0x81, 0x80, 0x04]; // 65,537 as a varint
    body.extend(too_long.bytes());
    let as_unknown = Content {
        message: MessageId::from_bytes([7; 16]),
        retention: Retention::Keep,
        body: Body::Unknown { kind: 1, bytes: body },
    };
    let encoded = as_unknown.encode().unwrap();
    assert_eq!(Content::decode(&encoded), Err(ContentError::Malformed));
    let endless = Content {
        message: MessageId::from_bytes([7; 16]),
        retention: Retention::Keep,
        body: Body::Unknown {
            kind: 2,
            bytes: vec![0; limits::TEXT_BYTES * 2],
        },
    };
    assert_eq!(endless.encode(), Err(ContentTooLong));
}

#[test]
fn what_a_newer_version_appends_to_a_text_is_passed_over() {
    let mut bytes = vec![1];
    bytes.extend([7; 16]);
    bytes.push(1);
    // No quote, no mentions, not forwarded; and then what nobody knows yet.
    bytes.extend([9, 2, b'h', b'i', 0, 0, 0, 1, 2, 3]);
    assert_eq!(Content::decode(&bytes), Ok(text("hi")));
}

#[test]
fn a_newer_version_is_told_from_broken_bytes() {
    let mut bytes = vec![2];
    bytes.extend(b"who knows");
    assert_eq!(Content::decode(&bytes), Err(ContentError::NewerVersion));
    assert_eq!(Content::decode(&[0]), Err(ContentError::Malformed));
    assert_eq!(Content::decode(&[0; 128]), Err(ContentError::Malformed));
}

#[test]
fn content_cut_anywhere_is_refused() {
    let whole = text("hello").encode().unwrap();
    for length in 0..whole.len() {
        assert_eq!(
            Content::decode(&whole[..length]),
            Err(ContentError::Malformed),
            "{length}"
        );
    }
}

#[test]
fn what_is_not_utf_8_or_goes_on_is_refused() {
    let mut bytes = vec![1];
    bytes.extend([7; 16]);
    bytes.extend([1, 3, 2, 0xff, 0xfe]);
    assert_eq!(Content::decode(&bytes), Err(ContentError::Malformed));
    let mut bytes = vec![1];
    bytes.extend([7; 16]);
    bytes.extend([1, 3, 2, b'h', b'i', b'!']);
    assert_eq!(Content::decode(&bytes), Err(ContentError::Malformed));
}

/// A key of another length than X-Wing's, or a share of one.
#[test]
fn a_request_or_share_of_a_groups_key_has_its_length() {
    let message = MessageId::from_bytes([7; 16]);
    for kind in [5, 6] {
        let body = Body::Unknown {
            kind,
            bytes: vec![3; 100],
        };
        let encoded = Content {
            message,
            retention: Retention::Keep,
            body,
        }
        .encode()
        .unwrap();
        assert_eq!(Content::decode(&encoded), Err(ContentError::Malformed));
    }
}

/// No version has given these a meaning.
const FIRST_UNKNOWN_KIND: u16 = 64;

proptest! {
    #[test]
    fn any_text_survives(message: [u8; 16], seconds in 1..=limits::RETENTION_SECONDS_MAX, words in ".{0,2000}") {
        let content = Content {
            message: MessageId::from_bytes(message),
            retention: Retention::For { seconds },
            body: Body::Text(Text::from(words)),
        };
        prop_assert_eq!(Content::decode(&content.encode().unwrap()), Ok(content));
    }

    #[test]
    fn a_kind_that_is_not_known_survives_and_is_encoded_again_as_it_was(
        message: [u8; 16],
        kind in FIRST_UNKNOWN_KIND..,
        bytes in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        let content = Content {
            message: MessageId::from_bytes(message),
            retention: Retention::Keep,
            body: Body::Unknown { kind, bytes },
        };
        let encoded = content.encode().unwrap();
        let decoded = Content::decode(&encoded).unwrap();
        prop_assert_eq!(decoded.encode().unwrap(), encoded);
        prop_assert_eq!(decoded, content);
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Content::decode(&bytes);
    }
}
