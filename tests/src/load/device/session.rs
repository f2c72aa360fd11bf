//! A device's connection.

use super::super::engine::{Breach, Event, Failure, Messenger, Session, Stamp};
use super::message::{Bodies, Place, application};
use super::position::{Position, Verdict};
use super::websocket::{self, Frame};
use crate::payload::Raw;
use serde::Serialize;
use sotto_protocol::frame::{ClientFrame, Entry, Outcome, Page, RequestId, ServerFrame};
use sotto_protocol::{ChatId, Epoch, MessageId, Retention, Seq, limits};
use std::cell::RefCell;
use std::rc::Rc;

/// The request that fetches: messages count up from 0.
const FETCH: RequestId = RequestId(u32::MAX);

/// How a sender learns that the recipient has its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// It does not: the server has it durably, and the recipient acknowledges to the server.
    Cursor,
    /// The recipient's marker tells it, as a read receipt does.
    Marker,
}

/// What all devices of a thread have in common.
#[derive(Debug)]
pub(crate) struct Habits {
    host: String,
    run: u16,
    payload_bytes: usize,
    retention: Retention,
    confirmation: Confirmation,
    desk: RefCell<Desk>,
}

/// What frames are made on.
#[derive(Debug)]
struct Desk {
    bodies: Bodies,
    payload: Vec<u8>,
    frame: Vec<u8>,
    mask: u32,
}

impl Habits {
    pub(crate) fn new(
        host: String,
        run: u16,
        payload_bytes: usize,
        retention: Retention,
        confirmation: Confirmation,
        rng: &mut impl rand_core::Rng,
    ) -> Self {
        Self {
            host,
            run,
            payload_bytes,
            retention,
            confirmation,
            desk: RefCell::new(Desk {
                bodies: Bodies::new(rng),
                payload: Vec::new(),
                frame: Vec::new(),
                mask: rng.next_u32() | 1,
            }),
        }
    }

    fn say<P: Serialize>(&self, frame: &ClientFrame<P>, out: &mut Vec<u8>) {
        self.desk.borrow_mut().say(frame, out);
    }
}

impl Desk {
    fn say<P: Serialize>(&mut self, frame: &ClientFrame<P>, out: &mut Vec<u8>) {
        self.frame.clear();
        // Plain data into memory: it always encodes.
        if let Ok(frame) = postcard::to_extend(frame, std::mem::take(&mut self.frame)) {
            self.frame = frame;
        }
        let mask = self.next_mask();
        websocket::binary(&self.frame, mask, out);
    }

    /// Marsaglia's xorshift32: a mask has to differ, not to be a secret.
    fn next_mask(&mut self) -> u32 {
        self.mask ^= self.mask << 13;
        self.mask ^= self.mask >> 17;
        self.mask ^= self.mask << 5;
        self.mask
    }
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The upgrade has been asked for.
    Asked,
    /// Frames go both ways.
    Upgraded,
}

/// A device that talks in one chat.
#[derive(Debug)]
pub(crate) struct DeviceSession {
    habits: Rc<Habits>,
    token: Rc<str>,
    chat: ChatId,
    epoch: Epoch,
    position: Position,
    stage: Stage,
    /// Whether it has been ready on this connection or an earlier one.
    was_ready: bool,
    is_fetching: bool,
    /// To be acknowledged with all else that was read.
    acknowledge: bool,
    /// The number of the last message received, to be confirmed.
    confirm: Option<u32>,
    /// Holes in what was pushed, filled by `Fetch`.
    holes: u32,
}

impl DeviceSession {
    pub(crate) fn new(habits: Rc<Habits>, token: Rc<str>, place: Place) -> Self {
        Self {
            habits,
            token,
            chat: place.chat,
            epoch: place.epoch,
            position: Position::default(),
            stage: Stage::Asked,
            was_ready: false,
            is_fetching: false,
            acknowledge: false,
            confirm: None,
            holes: 0,
        }
    }

    fn frame(
        &mut self,
        frame: ServerFrame<&[u8]>,
        out: &mut Vec<u8>,
        events: &mut Vec<Event>,
    ) -> Result<(), Failure> {
        match frame {
            ServerFrame::Response { request, outcome } => self.answer(request, outcome, out, events),
            ServerFrame::Entry { chat, entry } if chat == self.chat => {
                let verdict = self.position.pushed(entry.seq);
                self.entry(&entry, verdict, out, events);
                Ok(())
            }
            ServerFrame::Welcome { chat, after, .. } => {
                self.habits
                    .say(&ClientFrame::<Raw<'_>>::Ack { chat, seq: after }, out);
                Ok(())
            }
            ServerFrame::Cursor {
                chat,
                acknowledged,
                last,
                ..
            } if chat == self.chat => {
                self.cursor(acknowledged, last, out);
                Ok(())
            }
            ServerFrame::Marker { chat, payload, .. } if chat == self.chat => {
                if let Ok(number) = payload.try_into().map(u32::from_be_bytes) {
                    events.push(Event::Confirmed { number });
                }
                Ok(())
            }
            ServerFrame::Ready { .. } => {
                self.was_ready = true;
                events.push(Event::Ready);
                Ok(())
            }
            ServerFrame::Goodbye(reason) => Err(Failure::Said(format!("goodbye: {reason:?}"))),
            ServerFrame::Entry { .. }
            | ServerFrame::Cursor { .. }
            | ServerFrame::Marker { .. }
            | ServerFrame::Signal { .. }
            | ServerFrame::Changed(_)
            | ServerFrame::Pong => Ok(()),
        }
    }

    fn answer(
        &mut self,
        request: RequestId,
        outcome: Outcome<&[u8]>,
        out: &mut Vec<u8>,
        events: &mut Vec<Event>,
    ) -> Result<(), Failure> {
        match outcome {
            Outcome::Accepted { seq, .. } => {
                if let Some(seq) = seq {
                    // Only this device sends here, so its answers are the whole log.
                    self.position.begin_at(seq);
                    self.acknowledge = true;
                }
                events.push(Event::Accepted { number: request.0 });
            }
            Outcome::Page(page) => self.page(&page, out, events),
            Outcome::Refused(refusal) if request == FETCH => {
                return Err(Failure::Said(format!("fetch: {}", refusal.code)));
            }
            Outcome::Refused(refusal) => events.push(Event::Refused {
                number: request.0,
                why: Failure::Said(refusal.code.to_string()),
            }),
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry<&[u8]>, verdict: Verdict, out: &mut Vec<u8>, events: &mut Vec<Event>) {
        match verdict {
            Verdict::Next => {
                self.acknowledge = true;
                let stamp = Stamp::from_bytes(*entry.message.as_bytes());
                if stamp.run == self.habits.run {
                    if let Err(breach) = self.position.stamped(stamp) {
                        events.push(Event::Broken(breach));
                    }
                    self.confirm = Some(stamp.number);
                    events.push(Event::Delivered(stamp));
                }
            }
            Verdict::Known => {}
            Verdict::Ahead => {
                if !self.is_fetching {
                    self.holes += 1;
                    self.fetch(out);
                }
            }
            Verdict::Broken(breach) => {
                events.push(Event::Broken(breach));
                if breach == Breach::Gap {
                    self.acknowledge = true;
                }
            }
        }
    }

    fn page(&mut self, page: &Page<&[u8]>, out: &mut Vec<u8>, events: &mut Vec<Event>) {
        self.is_fetching = false;
        self.position.reaches(page.last);
        for entry in &page.entries {
            let verdict = self.position.fetched(entry.seq);
            self.entry(entry, verdict, out, events);
        }
        if self.position.is_behind() {
            if page.entries.is_empty() {
                events.push(Event::Broken(Breach::Gap));
            } else {
                self.fetch(out);
            }
        }
    }

    /// What it has itself counts. One that has nothing goes on from its cursor, but for what earlier runs have left.
    fn cursor(&mut self, acknowledged: Option<Seq>, last: Seq, out: &mut Vec<u8>) {
        if self.position.have().is_none() {
            let begin = if self.was_ready {
                acknowledged.unwrap_or_default()
            } else {
                last
            };
            self.position.begin_at(begin);
        }
        self.position.reaches(last);
        if self.position.is_behind() {
            self.fetch(out);
        } else {
            self.acknowledge = true;
        }
    }

    fn fetch(&mut self, out: &mut Vec<u8>) {
        let Some(after) = self.position.have() else {
            return;
        };
        self.is_fetching = true;
        let frame = ClientFrame::<Raw<'_>>::Fetch {
            request: FETCH,
            chat: self.chat,
            after,
            limit: limits::PAGE_ENTRIES,
        };
        self.habits.say(&frame, out);
    }

    /// One acknowledgement, and one confirmation, for all that was read at once.
    fn conclude(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.acknowledge)
            && let Some(seq) = self.position.have()
        {
            let chat = self.chat;
            self.habits.say(&ClientFrame::<Raw<'_>>::Ack { chat, seq }, out);
        }
        if let Some(number) = self.confirm.take()
            && self.habits.confirmation == Confirmation::Marker
        {
            let frame = ClientFrame::Marker {
                chat: self.chat,
                payload: Raw(&number.to_be_bytes()),
            };
            self.habits.say(&frame, out);
        }
    }
}

impl Session for DeviceSession {
    fn begin(&mut self, out: &mut Vec<u8>) {
        self.stage = Stage::Asked;
        self.is_fetching = false;
        websocket::ask(&self.habits.host, &self.token, out);
    }

    fn receive(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        events: &mut Vec<Event>,
    ) -> Result<usize, Failure> {
        let mut used = 0;
        if self.stage == Stage::Asked {
            match websocket::answered(input)? {
                Some(head) => used = head,
                None => return Ok(0),
            }
            self.stage = Stage::Upgraded;
        }
        while let Some((frame, bytes)) = websocket::read(input.get(used..).unwrap_or_default())? {
            used += bytes;
            match frame {
                Frame::Binary(payload) => {
                    let frame = postcard::from_bytes(payload).map_err(|_| Failure::Malformed("a frame"))?;
                    self.frame(frame, out, events)?;
                }
                Frame::Ping(payload) => {
                    let mask = self.habits.desk.borrow_mut().next_mask();
                    websocket::pong(payload, mask, out);
                }
                Frame::Pong => {}
                Frame::Close => return Err(Failure::Closed),
            }
        }
        self.conclude(out);
        Ok(used)
    }

    fn holes(&self) -> u32 {
        self.holes
    }
}

impl Messenger for DeviceSession {
    fn send(&mut self, stamp: Stamp, out: &mut Vec<u8>) {
        let mut desk = self.habits.desk.borrow_mut();
        let mut payload = std::mem::take(&mut desk.payload);
        payload.clear();
        let place = Place {
            chat: self.chat,
            epoch: self.epoch,
        };
        application(place, self.habits.payload_bytes, &mut desk.bodies, &mut payload);
        let frame = ClientFrame::Send {
            request: RequestId(stamp.number),
            chat: self.chat,
            message: MessageId::from_bytes(stamp.to_bytes()),
            // A device that has not heard where the chat's log ends has read everything before this run.
            after: self.position.have().unwrap_or(Seq(u64::MAX)),
            retention: self.habits.retention,
            payload: Raw(&payload),
        };
        desk.say(&frame, out);
        desk.payload = payload;
    }
}
