//! What devices say, and what comes of it.

use super::super::batch::Waiting;
use super::super::connections::Key;
use super::super::handshake;
use super::super::websocket::{self, Unexpected};
use super::Relay;
use crate::payload::Raw;
use sotto_protocol::frame::{ClientFrame, Entry, EntryKind, Outcome, ServerFrame};
use sotto_protocol::{ChatId, ProblemCode};
use sotto_server::ws::framing::Opcode;

impl Relay {
    /// Takes all whole frames that `input` begins with. Returns how many bytes they are.
    pub(super) fn receive(&mut self, key: Key, input: &mut [u8]) -> Result<usize, Unexpected> {
        let mut used = 0;
        let connection = self.connections.get(key).ok_or(Unexpected)?;
        let device = match connection.device {
            Some(device) => device,
            None => match self.upgrade(key, input) {
                Some((device, bytes)) => {
                    used = bytes;
                    device
                }
                None => return Ok(0),
            },
        };
        while let Some(frame) = websocket::read(input.get_mut(used..).unwrap_or_default())? {
            used += frame.bytes;
            match frame.opcode {
                Opcode::Binary => {
                    let said = postcard::from_bytes(frame.payload).map_err(|_| Unexpected)?;
                    self.said(key, device, &said)?;
                }
                Opcode::Ping => self.reply(key, |out| websocket::write(Opcode::Pong, frame.payload, out)),
                Opcode::Pong => {}
                // No device says anything in words or in parts.
                Opcode::Text | Opcode::Continuation => return Err(Unexpected),
                Opcode::Close => {
                    self.reply(key, |out| websocket::write(Opcode::Close, frame.payload, out));
                    self.let_end(key);
                    break;
                }
            }
        }
        Ok(used)
    }

    /// Opens the WebSocket if all of the request is there and names a device.
    fn upgrade(&mut self, key: Key, input: &[u8]) -> Option<(usize, usize)> {
        let request = handshake::read(input)?;
        let Some(device) = self.chats.device_of(request.token) else {
            self.reply(key, handshake::refuse);
            self.let_end(key);
            return None;
        };
        self.reply(key, |out| handshake::accept(&request, out));
        self.connections.get(key)?.device = Some(device);
        self.chats.join(device, key);
        self.answer(key, &ServerFrame::Ready { at: self.at });
        Some((device, request.bytes))
    }

    fn said(&mut self, key: Key, device: usize, frame: &ClientFrame<&[u8]>) -> Result<(), Unexpected> {
        match *frame {
            ClientFrame::Send {
                request,
                chat,
                message,
                retention,
                payload,
                ..
            } => {
                let Some(chat_key) = self.chats.key(chat) else {
                    let outcome = Outcome::Refused(ProblemCode::ChatNotFound.into());
                    self.answer(key, &ServerFrame::Response { request, outcome });
                    return Ok(());
                };
                let seq = self.chats.next_seq(chat_key);
                let entry = Entry {
                    seq,
                    from: self.chats.address(device).ok_or(Unexpected)?,
                    message,
                    at: self.at,
                    retention,
                    kind: EntryKind::Application,
                    payload: Raw(payload),
                };
                let placed = self.desk.write(
                    &ServerFrame::Entry { chat, entry },
                    payload.len(),
                    &mut self.incoming.bytes,
                );
                self.incoming.waiting.push(Waiting {
                    chat: chat_key,
                    seq,
                    at: self.at,
                    sender: key,
                    request,
                    reached: 0,
                    placed,
                });
            }
            ClientFrame::Marker { chat, payload } => self.mark(key, device, chat, payload),
            ClientFrame::Ping => self.answer(key, &ServerFrame::Pong),
            // How far a device has read is asked by nobody, and who types is not what is measured.
            ClientFrame::Ack { .. } | ClientFrame::Signal { .. } => {}
            // It keeps nothing for those who come back, and changes no chat.
            ClientFrame::Fetch { request, .. } | ClientFrame::Commit { request, .. } => {
                let outcome = Outcome::Refused(ProblemCode::InvalidRequest.into());
                self.answer(key, &ServerFrame::Response { request, outcome });
            }
        }
        Ok(())
    }

    /// Passes a marker on, which is written nowhere.
    fn mark(&mut self, key: Key, device: usize, chat: ChatId, payload: &[u8]) {
        let (Some(chat_key), Some(from)) = (self.chats.key(chat), self.chats.address(device)) else {
            return;
        };
        let frame = ServerFrame::Marker {
            chat,
            from,
            payload: Raw(payload),
        };
        let part = self.desk.write(&frame, payload.len(), &mut self.outgoing).frame;
        for &other in self.chats.connected(chat_key) {
            if other != key {
                self.connections.queue(other, part.clone(), &self.outgoing);
            }
        }
    }
}
