//! Every rule of RFC 6455 for what a client sends, and that no cut of the bytes changes what is read.

use super::*;
use bytes::Bytes;
use proptest::prelude::*;

const LIMIT: usize = 100_000;

/// A client's frame with this first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0xfe, 0x00, 0x77];
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..0x1_0000 => {
            bytes.push(0x80 | 0x7e);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 0x7f);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}

/// What comes of these bytes in pieces of such lengths, repeated, up to the first violation.
fn read(mut bytes: &[u8], pieces: &[usize]) -> (Vec<Event>, Option<Violation>) {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = Vec::new();
    for &piece in pieces.iter().cycle() {
        let (mut now, later) = bytes.split_at(piece.min(bytes.len()));
        loop {
            match decoder.next(&mut now) {
                Ok(Some(event)) => {
                    let is_last = matches!(event, Event::Close(_));
                    events.push(event);
                    if is_last {
                        return (events, None);
                    }
                }
                Ok(None) => break,
                Err(violation) => return (events, Some(violation)),
            }
        }
        assert!(now.is_empty(), "bytes were left, and nothing was whole");
        if later.is_empty() {
            break;
        }
        bytes = later;
    }
    (events, None)
}

fn whole(frames: &[Vec<u8>]) -> (Vec<Event>, Option<Violation>) {
    read(&frames.concat(), &[usize::MAX])
}

fn violation(frames: &[Vec<u8>]) -> Violation {
    let (events, violation) = whole(frames);
    assert_eq!(events, []);
    violation.expect("it is forbidden")
}

fn binary(bytes: &[u8]) -> Event {
    Event::Binary(Bytes::copy_from_slice(bytes))
}

fn text(text: &str) -> Event {
    Event::Text(Bytes::copy_from_slice(text.as_bytes()))
}

#[test]
fn messages_of_every_length_are_read() {
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, LIMIT] {
        let payload = vec![7; length];
        assert_eq!(
            whole(&[frame(0x82, &payload), frame(0x81, b"after")]),
            (vec![binary(&payload), text("after")], None)
        );
    }
}

#[test]
fn a_message_in_fragments_is_one_and_control_frames_may_come_between() {
    let frames = [
        frame(0x02, b"one "),
        frame(0x89, b"are you there"),
        frame(0x00, b""),
        frame(0x00, b"two "),
        frame(0x8a, b""),
        frame(0x80, b"three"),
        frame(0x82, b"next"),
    ];
    let events = vec![
        Event::Ping(Bytes::from_static(b"are you there")),
        Event::Pong,
        binary(b"one two three"),
        binary(b"next"),
    ];
    assert_eq!(whole(&frames), (events, None));
}

#[test]
fn a_character_may_be_cut_between_fragments_and_nowhere_else() {
    let euro = "€".as_bytes();
    assert_eq!(
        whole(&[
            frame(0x01, &euro[..1]),
            frame(0x00, &euro[1..2]),
            frame(0x80, &euro[2..])
        ]),
        (vec![text("€")], None)
    );
    assert_eq!(violation(&[frame(0x81, &euro[..2])]), Violation::Utf8);
    assert_eq!(
        violation(&[frame(0x01, &euro[..2]), frame(0x80, b"x")]),
        Violation::Utf8
    );
}

#[test]
fn a_text_that_is_no_utf_8_is_seen_at_its_first_wrong_byte() {
    let mut decoder = Decoder::new(LIMIT);
    let bytes = frame(0x01, b"\xce\xba\xed\xa0\x80 and more");
    let (mut seen, mut wrong) = bytes[..10].split_at(9);
    assert_eq!(decoder.next(&mut seen), Ok(None));
    assert_eq!(decoder.next(&mut wrong), Err(Violation::Utf8));
}

#[test]
fn what_the_protocol_forbids_is_a_violation() {
    let not_masked = vec![0x82, 0x00];
    let long_form = vec![0x82, 0x80 | 0x7e, 0, 125];
    let longer_form = [vec![0x82, 0x80 | 0x7f], 65_535_u64.to_be_bytes().to_vec()].concat();
    let highest_bit = [vec![0x82, 0x80 | 0x7f], (1_u64 << 63).to_be_bytes().to_vec()].concat();
    let mut forbidden = vec![
        not_masked,
        long_form,
        longer_form,
        highest_bit,
        frame(0x80, b"continues nothing"),
        frame(0x00, b"continues nothing"),
        [frame(0x01, b"a"), frame(0x81, b"a new one before the end")].concat(),
        [frame(0x02, b"a"), frame(0x02, b"a new one before the end")].concat(),
        frame(0x09, b"a ping in fragments"),
        frame(0x08, b""),
        frame(0x89, &[0; 126]),
        frame(0x88, b"\x03"),
    ];
    forbidden.extend([0x40, 0x20, 0x10].map(|reserved| frame(0x82 | reserved, b"")));
    forbidden.extend([0x3, 0x7, 0xb, 0xf].map(|reserved| frame(0x80 | reserved, b"")));
    for bytes in forbidden {
        assert_eq!(
            violation(std::slice::from_ref(&bytes)),
            Violation::Protocol,
            "{bytes:?}"
        );
    }
}

#[test]
fn a_message_is_too_large_at_the_head_that_says_so() {
    let head_only = |frame: Vec<u8>, bytes: usize| frame[..bytes].to_vec();
    let large = head_only(frame(0x82, &vec![0; LIMIT + 1]), 14);
    assert_eq!(violation(&[large]), Violation::TooLarge);
    let rest = head_only(frame(0x80, &vec![0; LIMIT]), 14);
    assert_eq!(violation(&[frame(0x02, b"1"), rest]), Violation::TooLarge);
}

#[test]
fn a_close_may_have_a_code_that_an_endpoint_may_send_and_a_reason() {
    let close = |code: u16, reason: &[u8]| frame(0x88, &[&code.to_be_bytes()[..], reason].concat());
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1011, 1012, 1014, 3000, 3999, 4000, 4999,
    ] {
        let (events, violation) = whole(&[close(code, "gründlich".as_bytes())]);
        assert!(matches!(events[..], [Event::Close(Some(_))]), "{code}");
        assert_eq!(violation, None);
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535] {
        assert_eq!(violation(&[close(code, b"")]), Violation::Protocol, "{code}");
    }
    assert_eq!(violation(&[close(1000, b"\xff")]), Violation::Utf8);
    assert_eq!(whole(&[frame(0x88, b"")]), (vec![Event::Close(None)], None));
}

#[test]
fn nothing_is_reserved_for_bytes_that_are_only_promised() {
    let mut decoder = Decoder::new(LIMIT);
    let bytes = frame(0x82, &vec![0; LIMIT]);
    assert_eq!(decoder.next(&mut &bytes[..20]), Ok(None));
    assert!(decoder.has_begun());
    assert!(decoder.reserved_bytes() <= 4096);
}

#[test]
fn a_close_frame_is_read_as_it_was_written() {
    assert_eq!(close_frame(None, "not said"), [0x88, 0]);
    assert_eq!(
        close_frame(Some(CloseCode::NORMAL), "bye"),
        b"\x88\x05\x03\xe8bye"
    );
    assert_eq!(
        close_frame(Some(CloseCode::NORMAL), &"x".repeat(124)),
        b"\x88\x02\x03\xe8"
    );
}

#[test]
fn a_servers_head_has_the_shortest_length() {
    let head = |bytes| FrameHead::new(Opcode::Binary, bytes).as_bytes().to_vec();
    assert_eq!(head(125), [0x82, 125]);
    assert_eq!(head(126), [0x82, 126, 0, 126]);
    assert_eq!(head(65_535), [0x82, 126, 0xff, 0xff]);
    assert_eq!(head(65_536), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
}

/// Frames as a client may send them, and now and then one that it may not.
fn any_frames() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..10),
        proptest::collection::vec(any::<u8>(), 120..300),
        "\\PC{0,50}".prop_map(String::into_bytes),
    ];
    let first = prop_oneof![
        8 => proptest::sample::select(vec![0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a]),
        1 => any::<u8>(),
    ];
    let frame = (first, payload).prop_map(|(first, payload)| frame(first, &payload));
    proptest::collection::vec(frame, 0..8).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn it_does_not_matter_how_the_bytes_are_cut(
        bytes in any_frames(), pieces in proptest::collection::vec(1..40_usize, 1..10)
    ) {
        prop_assert_eq!(read(&bytes, &pieces), read(&bytes, &[usize::MAX]));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..100), piece in 1..20_usize
    ) {
        prop_assert_eq!(read(&bytes, &[piece]), read(&bytes, &[usize::MAX]));
    }
}
