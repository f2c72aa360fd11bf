//! NATS: a line, and its payload.

use super::{Habits, Seat, body, stamp_of};
use crate::load::engine::{Event, Failure, Messenger, Session, Stamp};
use std::io::Write as _;
use std::rc::Rc;

/// A client that publishes to the subject of its peer, and hears its own.
#[derive(Debug)]
pub(crate) struct NatsSession {
    habits: Rc<Habits>,
    seat: Seat,
    payload: Vec<u8>,
}

impl NatsSession {
    pub(crate) fn new(habits: Rc<Habits>, seat: Seat) -> Self {
        Self {
            habits,
            seat,
            payload: Vec::new(),
        }
    }

    /// Messages go by `d.<pair>`, confirmations by `c.<pair>`.
    fn publish(&self, subject: char, payload: &[u8], out: &mut Vec<u8>) {
        // Writing into a Vec cannot fail.
        let _ = write!(out, "PUB {subject}.{} {}\r\n", self.seat.pair, payload.len());
        out.extend_from_slice(payload);
        out.extend_from_slice(b"\r\n");
    }

    fn message(&self, payload: &[u8], out: &mut Vec<u8>, events: &mut Vec<Event>) {
        let Some(stamp) = stamp_of(payload).filter(|stamp| stamp.run == self.habits.run) else {
            return;
        };
        if self.seat.sends {
            events.push(Event::Confirmed { number: stamp.number });
        } else {
            events.push(Event::Delivered(stamp));
            self.publish('c', &stamp.to_bytes(), out);
        }
    }
}

impl Session for NatsSession {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let subject = if self.seat.sends { 'c' } else { 'd' };
        // Writing into a Vec cannot fail.
        let _ = write!(
            out,
            "CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {subject}.{} 1\r\nPING\r\n",
            self.seat.pair
        );
    }

    fn receive(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        events: &mut Vec<Event>,
    ) -> Result<usize, Failure> {
        let mut used = 0;
        while let Some(rest) = input.get(used..)
            && let Some(end) = memchr::memchr(b'\n', rest)
        {
            let line = rest.get(..end).unwrap_or_default().trim_ascii_end();
            let after = end + 1;
            if line.starts_with(b"MSG ") {
                let length = line.rsplit(|&byte| byte == b' ').next();
                let length = length
                    .and_then(|length| std::str::from_utf8(length).ok()?.parse::<usize>().ok())
                    .ok_or(Failure::Malformed("a message without its length"))?;
                let Some(payload) = rest
                    .get(after..after + length + 2)
                    .and_then(|payload| payload.get(..length))
                else {
                    break;
                };
                self.message(payload, out, events);
                used += after + length + 2;
                continue;
            }
            if line == b"PING" {
                out.extend_from_slice(b"PONG\r\n");
            } else if line == b"PONG" {
                events.push(Event::Ready);
            } else if line.starts_with(b"-ERR") {
                return Err(Failure::Said(String::from_utf8_lossy(line).into_owned()));
            }
            used += after;
        }
        Ok(used)
    }
}

impl Messenger for NatsSession {
    fn send(&mut self, stamp: Stamp, out: &mut Vec<u8>) {
        let mut payload = std::mem::take(&mut self.payload);
        payload.clear();
        body(stamp, self.habits.payload, &mut payload);
        self.publish('d', &payload, out);
        self.payload = payload;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cut_anywhere_waits_for_its_rest() {
        let habits = Rc::new(Habits { run: 7, payload: 40 });
        let mut session = NatsSession::new(
            habits,
            Seat {
                pair: 3,
                sends: false,
            },
        );
        let stamp = Stamp {
            run: 7,
            sender: 3,
            number: 1,
            intended: 9,
        };
        let mut payload = Vec::new();
        body(stamp, 40, &mut payload);
        let message = [b"INFO {}\r\nMSG d.3 1 40\r\n".as_slice(), &payload, b"\r\n"].concat();
        for cut in 0..message.len() {
            let (mut out, mut events) = (Vec::new(), Vec::new());
            let used = session.receive(&message[..cut], &mut out, &mut events).unwrap();
            assert!(events.is_empty(), "{cut}");
            let rest = session.receive(&message[used..], &mut out, &mut events);
            assert_eq!(used + rest.unwrap(), message.len());
            assert_eq!(events, [Event::Delivered(stamp)]);
            assert!(out.starts_with(b"PUB c.3 16\r\n"));
        }
    }
}
