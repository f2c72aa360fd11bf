//! MQTT 3.1.1: as much of it as two clients need that publish to each other.

use super::{Habits, Seat, body, stamp_of};
use crate::load::engine::{Event, Failure, Messenger, Session, Stamp};
use std::rc::Rc;

/// What the broker promises of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QualityOfService {
    /// Nothing.
    AtMostOnce,
    /// It is acknowledged, and sent again if not.
    AtLeastOnce,
}

const CONNECT: u8 = 0x10;
const CONNECT_ACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const PUBLISH_ACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;
const SUBSCRIBE_ACK: u8 = 0x90;
const PING: u8 = 0xc0;
const PING_ANSWER: u8 = 0xd0;

/// Protocol "MQTT", level 4, clean session, no keep-alive.
const CONNECT_HEAD: [u8; 10] = [0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0];

/// A client that publishes to the topic of its peer, and hears its own.
#[derive(Debug)]
pub(crate) struct MqttSession {
    habits: Rc<Habits>,
    seat: Seat,
    quality: QualityOfService,
    next_packet: u16,
    payload: Vec<u8>,
}

impl MqttSession {
    pub(crate) fn new(habits: Rc<Habits>, seat: Seat, quality: QualityOfService) -> Self {
        Self {
            habits,
            seat,
            quality,
            next_packet: 0,
            payload: Vec::new(),
        }
    }

    fn packet(&mut self) -> u16 {
        self.next_packet = self.next_packet.checked_add(1).unwrap_or(1);
        self.next_packet
    }

    fn quality_bits(&self) -> u8 {
        match self.quality {
            QualityOfService::AtMostOnce => 0,
            QualityOfService::AtLeastOnce => 1,
        }
    }

    /// Messages go by `d/<pair>`, confirmations by `c/<pair>`.
    fn publish(&mut self, topic: char, payload: &[u8], out: &mut Vec<u8>) {
        let topic = format!("{topic}/{}", self.seat.pair);
        let quality = self.quality_bits();
        let identifier = (quality > 0).then(|| self.packet().to_be_bytes());
        let identifier = identifier.as_ref().map_or(&[][..], |bytes| &bytes[..]);
        out.push(PUBLISH | quality << 1);
        length(2 + topic.len() + identifier.len() + payload.len(), out);
        text(&topic, out);
        out.extend_from_slice(identifier);
        out.extend_from_slice(payload);
    }

    fn published(
        &mut self,
        first: u8,
        content: &[u8],
        out: &mut Vec<u8>,
        events: &mut Vec<Event>,
    ) -> Result<(), Failure> {
        let cut = Failure::Malformed("a publication");
        let (topic, rest) = content.split_first_chunk::<2>().ok_or(cut.clone())?;
        let mut rest = rest
            .get(usize::from(u16::from_be_bytes(*topic))..)
            .ok_or(cut.clone())?;
        if first & 0x06 != 0 {
            let (identifier, payload) = rest.split_first_chunk::<2>().ok_or(cut)?;
            out.extend_from_slice(&[PUBLISH_ACK, 2]);
            out.extend_from_slice(identifier);
            rest = payload;
        }
        let Some(stamp) = stamp_of(rest).filter(|stamp| stamp.run == self.habits.run) else {
            return Ok(());
        };
        if self.seat.sends {
            events.push(Event::Confirmed { number: stamp.number });
        } else {
            events.push(Event::Delivered(stamp));
            self.publish('c', &stamp.to_bytes(), out);
        }
        Ok(())
    }

    fn connected(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        if content != [0, 0] {
            return Err(Failure::Said(format!("connect: {content:?}")));
        }
        let topic = format!("{}/{}", if self.seat.sends { 'c' } else { 'd' }, self.seat.pair);
        let identifier = self.packet().to_be_bytes();
        out.push(SUBSCRIBE);
        length(2 + 2 + topic.len() + 1, out);
        out.extend_from_slice(&identifier);
        text(&topic, out);
        out.push(self.quality_bits());
        Ok(())
    }
}

/// A remaining length: seven bits a byte, the lowest first.
fn length(mut length: usize, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// A packet.
struct Packet<'a> {
    /// Its kind and flags.
    first: u8,
    content: &'a [u8],
    /// Bytes of all of it.
    length: usize,
}

/// The first packet. `None` if it is not all there.
fn packet(input: &[u8]) -> Result<Option<Packet<'_>>, Failure> {
    let Some((&first, rest)) = input.split_first() else {
        return Ok(None);
    };
    let mut length = 0_usize;
    for (place, &byte) in rest.iter().enumerate().take(4) {
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            let begin = place + 2;
            let content = input.get(begin..begin + length);
            return Ok(content.map(|content| Packet {
                first,
                content,
                length: begin + length,
            }));
        }
    }
    if rest.len() < 4 {
        Ok(None)
    } else {
        Err(Failure::Malformed("a length"))
    }
}

impl Session for MqttSession {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let name = format!("{}{}", if self.seat.sends { 's' } else { 'r' }, self.seat.pair);
        out.push(CONNECT);
        length(CONNECT_HEAD.len() + 2 + name.len(), out);
        out.extend_from_slice(&CONNECT_HEAD);
        text(&name, out);
    }

    fn receive(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        events: &mut Vec<Event>,
    ) -> Result<usize, Failure> {
        let mut used = 0;
        while let Some(packet) = packet(input.get(used..).unwrap_or_default())? {
            let Packet {
                first,
                content,
                length,
            } = packet;
            used += length;
            match first & 0xf0 {
                CONNECT_ACK => self.connected(content, out)?,
                SUBSCRIBE_ACK => events.push(Event::Ready),
                PUBLISH => self.published(first, content, out, events)?,
                PING => out.extend_from_slice(&[PING_ANSWER, 0]),
                _ => {}
            }
        }
        Ok(used)
    }
}

impl Messenger for MqttSession {
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
    fn what_one_client_publishes_its_peer_reads_wherever_it_is_cut() {
        for quality in [QualityOfService::AtMostOnce, QualityOfService::AtLeastOnce] {
            let habits = Rc::new(Habits { run: 7, payload: 300 });
            let seat = |sends| Seat { pair: 3, sends };
            let mut sender = MqttSession::new(Rc::clone(&habits), seat(true), quality);
            let mut receiver = MqttSession::new(habits, seat(false), quality);
            let stamp = Stamp {
                run: 7,
                sender: 3,
                number: 1,
                intended: 9,
            };
            let mut publication = Vec::new();
            sender.send(stamp, &mut publication);
            for cut in 0..publication.len() {
                let (mut out, mut events) = (Vec::new(), Vec::new());
                assert_eq!(
                    receiver.receive(&publication[..cut], &mut out, &mut events),
                    Ok(0)
                );
                let used = receiver.receive(&publication, &mut out, &mut events);
                assert_eq!(used, Ok(publication.len()));
                assert_eq!(events, [Event::Delivered(stamp)]);
            }
        }
    }
}
