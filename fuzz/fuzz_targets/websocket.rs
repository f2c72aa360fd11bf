//! What any stranger with a token can send before it is even a frame of ours: no panic, no memory beyond the limit, and how
//! the bytes are cut changes nothing.

#![no_main]

use framing::{Decoder, Event, Violation};
use libfuzzer_sys::fuzz_target;

/// The module by itself: it knows no socket and nothing of the server, which takes minutes to build with sanitizers.
#[allow(dead_code, unreachable_pub)]
#[path = "../../server/src/ws/framing/mod.rs"]
mod framing;

const LIMIT: usize = 1000;

fuzz_target!(|data: &[u8]| {
    let [pieces @ .., _, _] = data.first_chunk::<6>().copied().unwrap_or([1; 6]);
    let bytes = data.get(6..).unwrap_or_default();
    let whole = read(bytes, &[usize::MAX]);
    assert_eq!(read(bytes, &pieces.map(|piece| 1 + usize::from(piece))), whole);
    assert_eq!(read(bytes, &[1]), whole);
    for event in whole.0 {
        match event {
            Event::Binary(message) => assert!(message.len() <= LIMIT),
            Event::Text(text) => assert!(text.len() <= LIMIT && std::str::from_utf8(&text).is_ok()),
            Event::Ping(payload) => assert!(payload.len() <= 125),
            Event::Pong | Event::Close(_) => {}
        }
    }
});

/// What comes of the bytes in pieces of such lengths, repeated, up to the first violation.
fn read(mut bytes: &[u8], pieces: &[usize]) -> (Vec<Event>, Option<Violation>) {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = Vec::new();
    for &piece in pieces.iter().cycle() {
        let (mut now, later) = bytes.split_at(piece.min(bytes.len()));
        loop {
            match decoder.next(&mut now) {
                Ok(Some(event @ Event::Close(_))) => {
                    events.push(event);
                    return (events, None);
                }
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(violation) => return (events, Some(violation)),
            }
        }
        assert!(now.is_empty());
        if later.is_empty() {
            break;
        }
        bytes = later;
    }
    (events, None)
}
