//! Who is there, and in which chats: the roster, and where each chat's log ends.

use super::connections::Key;
use crate::load::accounts::Roster;
use sotto_protocol::{ChatId, DeviceAddress, Seq};
use std::collections::HashMap;

/// A chat by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChatKey(u32);

impl ChatKey {
    /// As the database has it.
    pub(super) fn number(self) -> i64 {
        self.0.into()
    }
}

/// A chat.
#[derive(Debug)]
pub(super) struct Chat {
    /// The last position that is given away.
    last: Seq,
    /// The devices in it that are connected.
    pub(super) connected: Vec<Key>,
}

/// A device of the roster.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) address: DeviceAddress,
    chats: Vec<ChatKey>,
}

/// The chats, and the devices by their tokens.
#[derive(Debug, Default)]
pub(super) struct Chats {
    keys: HashMap<ChatId, ChatKey>,
    logs: Vec<Chat>,
    devices: Vec<Device>,
    tokens: HashMap<String, usize>,
}

impl Chats {
    /// Those of the roster, with empty logs.
    pub(super) fn of(roster: &Roster) -> Self {
        let mut chats = Self::default();
        for (place, account) in roster.accounts.iter().enumerate() {
            chats
                .tokens
                .insert(account.tokens.access_token.reveal().to_owned(), place);
            chats.devices.push(Device {
                address: account.address,
                chats: Vec::new(),
            });
        }
        for (number, &chat) in roster.pairs.iter().enumerate() {
            chats.add(chat, 2 * number..2 * number + 2);
        }
        for (&members, &chat) in &roster.groups {
            let with_sender = members + 1;
            chats.add(chat, 0..with_sender);
        }
        chats
    }

    fn add(&mut self, id: ChatId, members: std::ops::Range<usize>) {
        let key = ChatKey(u32::try_from(self.logs.len()).unwrap_or(u32::MAX));
        self.keys.insert(id, key);
        self.logs.push(Chat {
            last: Seq::ZERO,
            connected: Vec::new(),
        });
        for device in self.devices.get_mut(members).unwrap_or_default() {
            device.chats.push(key);
        }
    }

    /// The device whose token that is.
    pub(super) fn device_of(&self, token: &str) -> Option<usize> {
        self.tokens.get(token).copied()
    }

    /// Where the device's messages come from.
    pub(super) fn address(&self, device: usize) -> Option<DeviceAddress> {
        self.devices.get(device).map(|device| device.address)
    }

    pub(super) fn key(&self, chat: ChatId) -> Option<ChatKey> {
        self.keys.get(&chat).copied()
    }

    /// The devices in the chat that are connected.
    pub(super) fn connected(&self, chat: ChatKey) -> &[Key] {
        self.logs
            .get(chat.0 as usize)
            .map_or(&[], |chat| chat.connected.as_slice())
    }

    /// Gives the chat's next position away.
    pub(super) fn next_seq(&mut self, chat: ChatKey) -> Seq {
        self.logs.get_mut(chat.0 as usize).map_or(Seq::ZERO, |chat| {
            chat.last = chat.last.next();
            chat.last
        })
    }

    /// The device hears what is said in its chats, on this connection.
    pub(super) fn join(&mut self, device: usize, connection: Key) {
        self.each_of(device, |chat| chat.connected.push(connection));
    }

    /// That connection is over.
    pub(super) fn leave(&mut self, device: usize, connection: Key) {
        self.each_of(device, |chat| chat.connected.retain(|&other| other != connection));
    }

    fn each_of(&mut self, device: usize, mut change: impl FnMut(&mut Chat)) {
        let keys = self.devices.get(device).map_or(&[][..], |device| &device.chats);
        for key in keys {
            if let Some(chat) = self.logs.get_mut(key.0 as usize) {
                change(chat);
            }
        }
    }
}
