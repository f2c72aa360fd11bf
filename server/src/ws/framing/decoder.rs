//! From bytes, however they are cut, to messages and control frames.

use super::close;
use super::head::{HEAD_BYTES, Head};
use super::mask::unmask;
use super::{CloseCode, Opcode, Violation};
use bytes::Bytes;

/// Bytes that are reserved for a message when its first byte has come; more only as they come, whatever the head says.
const FIRST_RESERVATION: usize = 4096;

/// What a client has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole binary message.
    Binary(Bytes),
    /// A whole text: UTF-8.
    Text(Bytes),
    /// A ping: answer with its payload.
    Ping(Bytes),
    /// A pong.
    Pong,
    /// The last that the client has to say, with its code if it gave one.
    Close(Option<CloseCode>),
}

/// Reads a client's frames. Between two messages it holds no memory but itself; of one that has begun, the bytes that came.
///
/// After [`Event::Close`] or a [`Violation`] it is to be used no more.
#[derive(Debug)]
pub struct Decoder {
    message_bytes_max: u32,
    /// Begun since [`Self::take_frames`] was last called.
    frames: u32,
    partial: Option<Box<Partial>>,
}

/// A frame or message of which not all has come.
#[derive(Debug, Default)]
struct Partial {
    head: PartialHead,
    frame: Option<Frame>,
    /// Of the control frame that is being read.
    control: Vec<u8>,
    message: Option<Message>,
}

#[derive(Debug, Default)]
struct PartialHead {
    bytes: [u8; HEAD_BYTES],
    length: usize,
}

/// A frame whose head was read, and not all of its payload.
#[derive(Debug)]
struct Frame {
    head: Head,
    read: usize,
    left: usize,
}

#[derive(Debug)]
struct Message {
    is_text: bool,
    bytes: Vec<u8>,
    /// So many of the bytes of a text are known to be UTF-8.
    valid: usize,
}

impl Decoder {
    /// For messages of so many bytes at most.
    #[must_use]
    pub fn new(message_bytes_max: usize) -> Self {
        Self {
            message_bytes_max: u32::try_from(message_bytes_max).unwrap_or(u32::MAX),
            frames: 0,
            partial: None,
        }
    }

    /// How many frames have begun since this was last called, parts of messages among them.
    pub fn take_frames(&mut self) -> u32 {
        std::mem::take(&mut self.frames)
    }

    /// Whether a message or a frame has begun and not ended.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.partial.is_some()
    }

    #[cfg(test)]
    pub(super) fn reserved_bytes(&self) -> usize {
        let message = self.partial.as_ref().and_then(|partial| partial.message.as_ref());
        message.map_or(0, |message| message.bytes.capacity())
    }

    /// Takes bytes off the front of `input` until something is whole, or none are left.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Violation> {
        if self.partial.is_none()
            && let Some(event) = self.whole(input)?
        {
            return Ok(Some(event));
        }
        if input.is_empty() {
            return Ok(None);
        }
        let partial = self.partial.get_or_insert_default();
        let event = partial.next(input, self.message_bytes_max as usize, &mut self.frames)?;
        if partial.is_over() {
            self.partial = None;
        }
        Ok(event)
    }

    /// The usual case: all of an unfragmented message is there. `None`, and nothing taken, if it is another.
    fn whole(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Violation> {
        let Some((head, rest)) = Head::read(input)? else {
            return Ok(None);
        };
        let is_message = matches!(head.opcode, Opcode::Text | Opcode::Binary);
        let length = fitting(&head, 0, self.message_bytes_max as usize)?;
        let Some((payload, rest)) = rest.split_at_checked(length) else {
            return Ok(None);
        };
        if !(head.is_final && is_message) {
            return Ok(None);
        }
        *input = rest;
        self.frames = self.frames.saturating_add(1);
        let mut bytes = payload.to_vec();
        unmask(&mut bytes, head.mask, 0);
        let mut message = Message {
            is_text: head.opcode == Opcode::Text,
            bytes,
            valid: 0,
        };
        message.check()?;
        message.finish().map(Some)
    }
}

impl Partial {
    fn next(
        &mut self,
        input: &mut &[u8],
        message_bytes_max: usize,
        frames: &mut u32,
    ) -> Result<Option<Event>, Violation> {
        loop {
            let frame = match &mut self.frame {
                Some(frame) => frame,
                None => match self.head.read(input)? {
                    Some(head) => {
                        *frames = frames.saturating_add(1);
                        self.begin(head, message_bytes_max)?
                    }
                    None => return Ok(None),
                },
            };
            let (payload, rest) = input.split_at(frame.left.min(input.len()));
            *input = rest;
            let (head, position, left) = (frame.head, frame.read, frame.left);
            frame.read += payload.len();
            frame.left -= payload.len();
            let is_read = frame.left == 0;
            if is_read {
                self.frame = None;
            }
            if head.opcode.is_control() {
                append(&mut self.control, payload, head.mask, position, payload.len());
                if is_read {
                    return self.control_event(head.opcode).map(Some);
                }
            } else if let Some(message) = &mut self.message {
                // Only the last frame tells how long the message is.
                let most = if head.is_final { left } else { usize::MAX };
                append(&mut message.bytes, payload, head.mask, position, most);
                message.check()?;
                if is_read
                    && head.is_final
                    && let Some(message) = self.message.take()
                {
                    return message.finish().map(Some);
                }
            }
            if !is_read {
                return Ok(None);
            }
        }
    }

    /// Begins a frame, if it may come now.
    fn begin(&mut self, head: Head, message_bytes_max: usize) -> Result<&mut Frame, Violation> {
        let before = self.message.as_ref().map_or(0, |message| message.bytes.len());
        let left = fitting(&head, before, message_bytes_max)?;
        match (head.opcode, &self.message) {
            (Opcode::Text | Opcode::Binary, None) => {
                self.message = Some(Message {
                    is_text: head.opcode == Opcode::Text,
                    bytes: Vec::new(),
                    valid: 0,
                });
            }
            (Opcode::Continuation, Some(_)) | (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => {}
            (Opcode::Text | Opcode::Binary, Some(_)) | (Opcode::Continuation, None) => {
                return Err(Violation::Protocol);
            }
        }
        Ok(self.frame.insert(Frame { head, read: 0, left }))
    }

    fn control_event(&mut self, opcode: Opcode) -> Result<Event, Violation> {
        let payload = std::mem::take(&mut self.control);
        match opcode {
            Opcode::Ping => Ok(Event::Ping(payload.into())),
            Opcode::Pong => Ok(Event::Pong),
            Opcode::Close => close::read(&payload).map(Event::Close),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => Err(Violation::Protocol),
        }
    }

    const fn is_over(&self) -> bool {
        self.frame.is_none() && self.message.is_none() && self.head.length == 0
    }
}

impl PartialHead {
    /// Takes a head off the front of `input`, or all of `input` if the head goes on after it.
    fn read(&mut self, input: &mut &[u8]) -> Result<Option<Head>, Violation> {
        let before = self.length;
        for (place, &byte) in self.bytes.iter_mut().skip(before).zip(*input) {
            *place = byte;
            self.length += 1;
        }
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        let Some((head, rest)) = Head::read(bytes)? else {
            *input = &[];
            return Ok(None);
        };
        let taken = bytes.len() - rest.len() - before;
        *input = input.get(taken..).unwrap_or_default();
        self.length = 0;
        Ok(Some(head))
    }
}

impl Message {
    /// Sees at the first byte that is wrong that a text is no UTF-8.
    fn check(&mut self) -> Result<(), Violation> {
        if !self.is_text {
            return Ok(());
        }
        let unseen = self.bytes.get(self.valid..).unwrap_or_default();
        match std::str::from_utf8(unseen) {
            Ok(text) => self.valid += text.len(),
            // A character may go on in the next frame.
            Err(error) if error.error_len().is_none() => self.valid += error.valid_up_to(),
            Err(_) => return Err(Violation::Utf8),
        }
        Ok(())
    }

    fn finish(self) -> Result<Event, Violation> {
        let bytes = Bytes::from(self.bytes);
        match (self.is_text, self.valid == bytes.len()) {
            (false, _) => Ok(Event::Binary(bytes)),
            (true, true) => Ok(Event::Text(bytes)),
            (true, false) => Err(Violation::Utf8),
        }
    }
}

/// The length of a frame's payload, if it fits behind `before` bytes of its message.
fn fitting(head: &Head, before: usize, message_bytes_max: usize) -> Result<usize, Violation> {
    let length = usize::try_from(head.payload_bytes).map_err(|_| Violation::TooLarge)?;
    if head.opcode.is_control() || length <= message_bytes_max.saturating_sub(before) {
        Ok(length)
    } else {
        Err(Violation::TooLarge)
    }
}

/// Appends masked bytes, of which no more than `most` can come. The buffer grows by doubling, and never beyond that.
fn append(buffer: &mut Vec<u8>, masked: &[u8], key: [u8; 4], position: usize, most: usize) {
    let before = buffer.len();
    if !masked.is_empty() && buffer.capacity() - before < masked.len() {
        let grown = before.max(FIRST_RESERVATION).max(masked.len());
        buffer.reserve_exact(grown.min(most));
    }
    buffer.extend_from_slice(masked);
    unmask(buffer.get_mut(before..).unwrap_or_default(), key, position);
}
