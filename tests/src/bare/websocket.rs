//! As much of a WebSocket server (RFC 6455) as a relay needs: whole binary messages, pings, the end.

use sotto_server::ws::framing::{FrameHead, Opcode};

/// The bit that says that a frame is masked.
const MASKED: u8 = 0x80;
/// In place of a length: it comes in the next two bytes, or in the next eight.
const TWO_BYTES: u8 = 0x7e;
const EIGHT_BYTES: u8 = 0x7f;

/// What comes is no frame of a client, or one that no device sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unexpected;

/// A frame that has arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// Nothing follows that belongs to the same message.
    pub(super) opcode: Opcode,
    pub(super) payload: &'a [u8],
    /// Bytes of all of it.
    pub(super) bytes: usize,
}

/// Reads the first frame of `input`, and takes its mask off where it lies. `None` if it is not all there.
pub(super) fn read(input: &mut [u8]) -> Result<Option<Frame<'_>>, Unexpected> {
    let &mut [first, second, ref rest @ ..] = input else {
        return Ok(None);
    };
    if second & MASKED == 0 {
        return Err(Unexpected);
    }
    let opcode = match first {
        0x82 => Opcode::Binary,
        0x88 => Opcode::Close,
        0x89 => Opcode::Ping,
        0x8a => Opcode::Pong,
        _ => return Err(Unexpected),
    };
    let (length, head) = match second & !MASKED {
        TWO_BYTES => match rest.first_chunk::<2>() {
            Some(length) => (usize::from(u16::from_be_bytes(*length)), 4),
            None => return Ok(None),
        },
        EIGHT_BYTES => match rest.first_chunk::<8>() {
            Some(length) => (
                usize::try_from(u64::from_be_bytes(*length)).map_err(|_| Unexpected)?,
                10,
            ),
            None => return Ok(None),
        },
        short => (usize::from(short), 2),
    };
    let Some((mask, rest)) = input
        .get_mut(head..)
        .and_then(|rest| rest.split_first_chunk_mut::<4>())
    else {
        return Ok(None);
    };
    let Some(payload) = rest.get_mut(..length) else {
        return Ok(None);
    };
    unmask(payload, *mask);
    Ok(Some(Frame {
        opcode,
        payload,
        bytes: head + mask.len() + length,
    }))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// Writes a frame.
pub(super) fn write(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(FrameHead::new(opcode, payload.len()).as_bytes());
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame: the mask is applied as it is taken off.
    fn masked(payload: &[u8]) -> Vec<u8> {
        let mask = [0x12, 0x34, 0x56, 0x78];
        let mut frame = Vec::new();
        write(Opcode::Binary, payload, &mut frame);
        frame[1] |= MASKED;
        let head = frame.len() - payload.len();
        unmask(&mut frame[head..], mask);
        frame.splice(head..head, mask);
        frame
    }

    #[test]
    fn a_message_of_any_length_is_read_when_it_is_whole_and_not_before() {
        for length in [0, 1, 7, 8, 9, 125, 126, 300, 65_535, 65_536] {
            let payload: Vec<u8> = (0..length).map(|place: u32| place.to_le_bytes()[0]).collect();
            let frame = masked(&payload);
            for cut in [0, 1, 2, 3, 5, frame.len() - 1] {
                assert_eq!(read(&mut frame.clone()[..cut]), Ok(None), "{cut} of {length}");
            }
            let mut arrived = [&frame[..], b"more"].concat();
            let bytes = frame.len();
            let payload = &payload[..];
            let opcode = Opcode::Binary;
            assert_eq!(
                read(&mut arrived),
                Ok(Some(Frame {
                    opcode,
                    payload,
                    bytes
                }))
            );
        }
    }

    #[test]
    fn what_is_not_masked_or_a_part_of_a_message_is_not_taken() {
        assert_eq!(read(&mut [0x82, 0]), Err(Unexpected));
        assert_eq!(read(&mut [0x02, MASKED, 0, 0, 0, 0]), Err(Unexpected));
    }
}
