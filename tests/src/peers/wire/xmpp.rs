//! XMPP (RFC 6120): SASL PLAIN, a resource, presence, messages, and receipts as in XEP-0184.

use super::{Habits, Seat, from_hex, stanza, to_hex};
use crate::load::engine::{Event, Failure, Messenger, Session, Stamp};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::io::Write as _;
use std::rc::Rc;

/// The password of every account.
pub(crate) const PASSWORD: &str = "secret";

/// The name of the account of a client, by its number.
pub(crate) fn user(number: usize) -> String {
    format!("u{number}")
}

const STREAM: &str = "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' \
                      xmlns:stream='http://etherx.jabber.org/streams'>";
const BIND: &str = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource>\
                    </bind></iq>";

/// What the client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The features of a stream to log in on.
    Features,
    /// The answer to its password.
    Success,
    /// The features of a stream that is its own.
    OwnFeatures,
    /// Its resource.
    Bound,
    /// Its own presence.
    Present,
    /// Messages.
    Talking,
}

/// A client that talks to its peer.
#[derive(Debug)]
pub(crate) struct XmppSession {
    habits: Rc<Habits>,
    seat: Seat,
    stage: Stage,
}

impl XmppSession {
    pub(crate) fn new(habits: Rc<Habits>, seat: Seat) -> Self {
        Self {
            habits,
            seat,
            stage: Stage::Features,
        }
    }

    fn number(&self) -> usize {
        self.seat.pair * 2 + usize::from(!self.seat.sends)
    }

    fn peer(&self) -> usize {
        self.seat.pair * 2 + usize::from(self.seat.sends)
    }

    fn stanza(&mut self, stanza: &[u8], out: &mut Vec<u8>, events: &mut Vec<Event>) -> Result<(), Failure> {
        let name = stanza::name(stanza);
        match (self.stage, name) {
            (_, b"stream:error" | b"failure" | b"/stream:stream") => {
                Err(Failure::Said(String::from_utf8_lossy(stanza).into_owned()))
            }
            (Stage::Features, b"stream:features") => {
                let plain = BASE64_STANDARD.encode(format!("\0{}\0{PASSWORD}", user(self.number())));
                self.say(
                    Stage::Success,
                    format_args!(
                        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>"
                    ),
                    out,
                );
                Ok(())
            }
            (Stage::Success, b"success") => {
                self.say(Stage::OwnFeatures, format_args!("{STREAM}"), out);
                Ok(())
            }
            (Stage::OwnFeatures, b"stream:features") => {
                self.say(Stage::Bound, format_args!("{BIND}"), out);
                Ok(())
            }
            (Stage::Bound, b"iq") => {
                self.say(Stage::Present, format_args!("<presence/>"), out);
                Ok(())
            }
            (Stage::Present, b"presence") => {
                self.stage = Stage::Talking;
                events.push(Event::Ready);
                Ok(())
            }
            (_, b"message") => {
                self.message(stanza, out, events);
                Ok(())
            }
            (_, b"iq") => {
                answer(stanza, out);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn say(&mut self, next: Stage, words: std::fmt::Arguments<'_>, out: &mut Vec<u8>) {
        self.stage = next;
        // Writing into a Vec cannot fail.
        let _ = out.write_fmt(words);
    }

    fn message(&self, message: &[u8], out: &mut Vec<u8>, events: &mut Vec<Event>) {
        let received = memchr::memmem::find(message, b"<received").and_then(|begin| message.get(begin..));
        let id = stanza::attribute(received.unwrap_or(message), b" id=");
        let Some(stamp) = id.and_then(from_hex).filter(|stamp| stamp.run == self.habits.run) else {
            return;
        };
        if received.is_some() {
            events.push(Event::Confirmed { number: stamp.number });
            return;
        }
        events.push(Event::Delivered(stamp));
        let (peer, id) = (user(self.peer()), to_hex(stamp));
        let id = String::from_utf8_lossy(&id);
        // Writing into a Vec cannot fail.
        let _ = write!(
            out,
            "<message to='{peer}@localhost/r' type='chat'><received xmlns='urn:xmpp:receipts' id='{id}'/></message>"
        );
    }
}

/// Servers ask whether a client is still there.
fn answer(iq: &[u8], out: &mut Vec<u8>) {
    if let (Some(b"get"), Some(id)) = (stanza::attribute(iq, b" type="), stanza::attribute(iq, b" id=")) {
        let id = String::from_utf8_lossy(id);
        // Writing into a Vec cannot fail.
        let _ = write!(out, "<iq type='result' id='{id}' to='localhost'/>");
    }
}

impl Session for XmppSession {
    fn begin(&mut self, out: &mut Vec<u8>) {
        self.say(Stage::Features, format_args!("{STREAM}"), out);
    }

    fn receive(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        events: &mut Vec<Event>,
    ) -> Result<usize, Failure> {
        let mut used = 0;
        while let Some((stanza, length)) = stanza::first(input.get(used..).unwrap_or_default()) {
            used += length;
            self.stanza(stanza, out, events)?;
        }
        Ok(used)
    }
}

impl Messenger for XmppSession {
    fn send(&mut self, stamp: Stamp, out: &mut Vec<u8>) {
        let (peer, id) = (user(self.peer()), to_hex(stamp));
        let id = String::from_utf8_lossy(&id);
        // Writing into a Vec cannot fail.
        let _ = write!(
            out,
            "<message to='{peer}@localhost/r' type='chat' id='{id}'><body>{:.<width$}</body>\
             <request xmlns='urn:xmpp:receipts'/></message>",
            "",
            width = self.habits.payload
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_confirmed_to_its_sender() {
        let habits = Rc::new(Habits { run: 7, payload: 300 });
        let seat = |sends| Seat { pair: 3, sends };
        let mut sender = XmppSession::new(Rc::clone(&habits), seat(true));
        let mut receiver = XmppSession::new(habits, seat(false));
        (sender.stage, receiver.stage) = (Stage::Talking, Stage::Talking);
        let stamp = Stamp {
            run: 7,
            sender: 3,
            number: 5,
            intended: 9,
        };
        let (mut message, mut receipt, mut nothing, mut events) = (vec![], vec![], vec![], vec![]);
        sender.send(stamp, &mut message);
        assert!(message.starts_with(b"<message to='u7@localhost/r'"));
        receiver.receive(&message, &mut receipt, &mut events).unwrap();
        sender.receive(&receipt, &mut nothing, &mut events).unwrap();
        assert_eq!(events, [Event::Delivered(stamp), Event::Confirmed { number: 5 }]);
        assert!(nothing.is_empty());
    }
}
