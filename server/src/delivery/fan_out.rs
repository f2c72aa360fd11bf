//! Hands frames to the devices that are connected: each is encoded once and shared.

use super::outbox::Outbox;
use super::registry::Registry;
use crate::store::{CommitParts, NewChat, Submission};
use bytes::Bytes;
use sotto_protocol::frame::{Change, Entry, EntryKind, ServerFrame};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Seq, Timestamp};
use std::sync::Arc;

/// The way to the connected devices.
#[derive(Clone, Debug)]
pub(super) struct FanOut {
    pub(super) registry: Arc<Registry>,
}

impl FanOut {
    /// Hands on an accepted entry, and a Commit's Welcome. Returns how many other devices got it.
    pub(super) fn entry(
        &self,
        submission: Submission,
        seq: Option<Seq>,
        at: Timestamp,
        members: &[DeviceAddress],
        removed: &[DeviceAddress],
    ) -> u32 {
        let Submission {
            chat,
            from,
            message,
            retention,
            payload,
            commit,
            ..
        } = submission;
        let mut welcomed: &[DeviceAddress] = &[];
        let mut reached = 0;
        if let Some(parts) = &commit {
            let CommitParts { added, welcome, .. } = &**parts;
            if let Some(welcome) = welcome {
                welcomed = added;
                reached += self.welcome(chat, seq.unwrap_or_default(), from, welcome, added);
            }
        }
        let recipients = members
            .iter()
            .chain(removed)
            .filter(|address| **address != from && !welcomed.contains(address));
        reached
            + self.to_each(recipients, || ServerFrame::Entry {
                chat,
                entry: Entry {
                    seq: seq.unwrap_or_default(),
                    from,
                    message,
                    at,
                    retention,
                    kind: if commit.is_some() {
                        EntryKind::Commit
                    } else {
                        EntryKind::Application
                    },
                    payload,
                },
            })
    }

    /// Hands on a Welcome to the devices that it is for.
    fn welcome(
        &self,
        chat: ChatId,
        after: Seq,
        from: DeviceAddress,
        payload: &Bytes,
        added: &[DeviceAddress],
    ) -> u32 {
        self.to_each(added.iter(), || ServerFrame::Welcome {
            chat,
            after,
            from,
            payload: payload.clone(),
        })
    }

    /// Tells the devices of a new chat's accounts about it: those that are in it by a Welcome, the others that they can
    /// join.
    pub(super) fn chat_created(&self, chat: &NewChat) {
        self.welcome(chat.chat, Seq::ZERO, chat.creator, &chat.welcome, &chat.added);
        let outside: Vec<DeviceAddress> = chat
            .pair
            .accounts()
            .into_iter()
            .flat_map(|account| {
                self.registry
                    .devices_of(account)
                    .into_iter()
                    .map(move |(device, _)| DeviceAddress { account, device })
            })
            .filter(|address| *address != chat.creator && !chat.added.contains(address))
            .collect();
        self.to_each(outside.iter(), || ServerFrame::Cursor {
            chat: chat.chat,
            acknowledged: None,
            last: Seq::ZERO,
            suite: chat.suite,
        });
    }

    /// Hands a frame to those of the devices that are connected; it is made when the first is found.
    pub(super) fn to_each<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress>,
        frame: impl FnOnce() -> ServerFrame,
    ) -> u32 {
        self.hand_to(devices, frame, Outbox::push)
    }

    /// Hands a signal to those of the devices that are connected and not busy.
    pub(super) fn signal<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress>,
        frame: impl FnOnce() -> ServerFrame,
    ) {
        self.hand_to(devices, frame, Outbox::push_signal);
    }

    fn hand_to<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress>,
        frame: impl FnOnce() -> ServerFrame,
        push: impl Fn(&Outbox, Bytes) -> bool,
    ) -> u32 {
        let mut frame = Some(frame);
        let mut encoded: Option<Bytes> = None;
        let mut reached = 0;
        for &address in devices {
            let Some(outbox) = self.registry.get(address) else {
                continue;
            };
            if let Some(frame) = frame.take() {
                encoded = Some(frame().encode());
            }
            if let Some(encoded) = &encoded {
                reached += u32::from(push(&outbox, encoded.clone()));
            }
        }
        reached
    }

    /// Tells every connected device of the account.
    pub(super) fn changed(&self, account: AccountId, change: Change) {
        let devices = self.registry.devices_of(account);
        let frame = ServerFrame::<Bytes>::Changed(change).encode();
        for (_, outbox) in devices {
            outbox.push(frame.clone());
        }
    }
}
