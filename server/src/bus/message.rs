//! What is in a bus message: postcard, a head and then records up to the end.

use super::seal::Seal;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sotto_protocol::frame::Goodbye;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, Seq, Timestamp};

/// Bytes that a record's own fields take at most, beside its frames and lists.
pub(super) const FIELDS_BYTES: usize = 80;
const ADDRESS_BYTES: usize = AccountId::LENGTH + DeviceId::LENGTH;
/// Bytes of a connected device in a record.
pub(super) const CONNECTED_BYTES: usize = ADDRESS_BYTES + 10;

/// Bytes of an ended connection in a record.
pub(super) const GONE_BYTES: usize = AccountId::LENGTH + 4;

/// The head of every message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// When it was sent, by the common clock.
    pub(super) at: u64,
    /// What it is.
    pub(super) body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Body {
    /// To all: the source is there.
    Hello,
    /// To one: a message of the source's stream to this destination.
    Stream(StreamHead),
}

/// Where a message stands in its stream, and how far the stream the other way has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StreamHead {
    /// Which stream: a source begins another, with a higher number, when it has forgotten the destination.
    pub(super) stream: u64,
    /// The message's number, from 1 on. One without records has none of its own and says the last that was given.
    pub(super) number: u64,
    /// Every entry that the source accepted before has been sent, in this message or an earlier one.
    pub(super) settled: Timestamp,
    /// What has come of the destination's stream.
    pub(super) heard: Heard,
    /// An answer is wanted at once.
    pub(super) answer: bool,
}

/// What has come of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heard {
    /// Which; 0 if none.
    pub(super) stream: u64,
    /// The last number seen.
    pub(super) number: u64,
    /// Whether the connected devices of its source are all known: if not, everything has to come here, and a list of them.
    pub(super) whole: bool,
}

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Record<P> {
    /// The first of a stream: what the source accepted before is not in it. It accepted nothing before this time; `None`
    /// if it has accepted nothing at all.
    Begins(Option<Timestamp>),
    /// All connected devices of the source follow.
    ListBegins,
    /// Devices have connected to the source, each with the time of its connection by the common clock.
    Connected(Vec<(DeviceAddress, u64)>),
    /// Connections of the source have ended, a device of each of these accounts.
    Gone(Vec<AccountId>),
    /// All connected devices have been named.
    ListEnds,
    /// Entries were left out: the database has them.
    Missed,
    /// The source stops. Nothing comes after this.
    Departing,
    /// For the Delivery Service.
    Relay(Relay<P>),
}

/// What the Delivery Services of two nodes say to each other. Frames are encoded [`sotto_protocol::frame::ServerFrame`]s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Relay<P = Bytes> {
    /// An entry with a position.
    Entry {
        /// Its chat.
        chat: ChatId,
        /// Its position.
        seq: Seq,
        /// The entry's frame.
        frame: P,
        /// When the entry's time is over.
        expires_at: Option<Timestamp>,
        /// For those of these that are connected.
        to: Vec<DeviceAddress>,
        /// Of a Commit.
        commit: Option<RelayedCommit<P>>,
    },
    /// A frame for those of these devices that are connected.
    Frame {
        /// The frame.
        frame: P,
        /// The devices.
        to: Vec<DeviceAddress>,
        /// Whether a busy device does without it.
        is_signal: bool,
    },
    /// A frame for the connected devices of these accounts.
    ToAccounts {
        /// The frame.
        frame: P,
        /// The accounts.
        accounts: Vec<AccountId>,
        /// But not for these.
        except: Vec<DeviceAddress>,
    },
    /// A fleeting message, to be answered by [`Relay::Reached`].
    Fleeting {
        /// Chosen by the source.
        request: u64,
        /// The message's frame.
        frame: P,
        /// When it was handed out, by the clock that the nodes keep together. Who connected later may come from a node
        /// where it had the message already.
        before: u64,
        /// For those of these that were connected then.
        to: Vec<DeviceAddress>,
    },
    /// How many devices a fleeting message reached, or were found.
    Reached {
        /// As asked.
        request: u64,
        /// Devices.
        devices: u32,
    },
    /// The device's session has ended or was replaced: its connection ends, and what was remembered of it counts no more.
    Ended {
        /// The device.
        device: DeviceAddress,
        /// What it is told.
        goodbye: Goodbye,
    },
    /// Whether a device is connected there, to be answered by [`Relay::Reached`].
    Seek {
        /// Chosen by the source.
        request: u64,
        /// The device.
        device: DeviceAddress,
    },
}

/// What a Commit brings beside its entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelayedCommit<P = Bytes> {
    /// The Welcome's frame; `None` if the Commit adds nobody.
    pub(crate) welcome: Option<P>,
    /// For those of these that are connected.
    pub(crate) added: Vec<DeviceAddress>,
    /// The devices that it removes.
    pub(crate) removed: Vec<DeviceAddress>,
}

impl<P> Default for RelayedCommit<P> {
    fn default() -> Self {
        Self {
            welcome: None,
            added: Vec::new(),
            removed: Vec::new(),
        }
    }
}

impl Relay {
    /// Bytes that it takes at most.
    pub(super) fn bytes_max(&self) -> usize {
        FIELDS_BYTES
            + match self {
                Self::Entry {
                    frame, to, commit, ..
                } => {
                    let commit = commit.as_ref().map_or(0, |commit| {
                        let devices = commit.added.len() + commit.removed.len();
                        commit.welcome.as_ref().map_or(0, Bytes::len) + devices * ADDRESS_BYTES
                    });
                    frame.len() + to.len() * ADDRESS_BYTES + commit
                }
                Self::Frame { frame, to, .. } | Self::Fleeting { frame, to, .. } => {
                    frame.len() + to.len() * ADDRESS_BYTES
                }
                Self::ToAccounts {
                    frame,
                    accounts,
                    except,
                } => frame.len() + accounts.len() * AccountId::LENGTH + except.len() * ADDRESS_BYTES,
                Self::Reached { .. } | Self::Ended { .. } | Self::Seek { .. } => 0,
            }
    }
}

/// Encodes a message into a buffer to be sealed.
#[allow(
    clippy::expect_used,
    reason = "serialising plain data into memory has no error to return"
)]
pub(super) fn encode(head: &Head, records: &[Record<Bytes>], bytes: usize) -> Vec<u8> {
    let mut buffer = postcard::to_extend(head, Seal::buffer(bytes)).expect("plain data always encodes");
    for record in records {
        buffer = postcard::to_extend(record, buffer).expect("plain data always encodes");
    }
    buffer
}

/// A message's head and records, its frames as slices of `plain`; `None` if any of it cannot be read.
pub(super) fn decode(plain: &[u8]) -> Option<(Head, Vec<Record<&[u8]>>)> {
    let (head, mut rest) = postcard::take_from_bytes::<Head>(plain).ok()?;
    let mut records = Vec::new();
    while !rest.is_empty() {
        let (record, after) = postcard::take_from_bytes::<Record<&[u8]>>(rest).ok()?;
        records.push(record);
        rest = after;
    }
    Some((head, records))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(number: u8) -> DeviceAddress {
        DeviceAddress {
            account: AccountId::from_bytes([number; 16]),
            device: DeviceId::from_bytes([number; 16]),
        }
    }

    fn head() -> Head {
        Head {
            at: u64::MAX,
            body: Body::Stream(StreamHead {
                stream: u64::MAX,
                number: u64::MAX,
                settled: Timestamp(u64::MAX),
                heard: Heard {
                    stream: u64::MAX,
                    number: u64::MAX,
                    whole: true,
                },
                answer: true,
            }),
        }
    }

    fn relays(devices: usize) -> Vec<Relay> {
        let frame = Bytes::from(vec![7; 30]);
        let to = vec![address(1); devices];
        vec![
            Relay::Entry {
                chat: ChatId::from_bytes([1; 16]),
                seq: Seq(u64::MAX),
                frame: frame.clone(),
                expires_at: Some(Timestamp(u64::MAX)),
                to: to.clone(),
                commit: Some(RelayedCommit {
                    welcome: Some(frame.clone()),
                    added: to.clone(),
                    removed: to.clone(),
                }),
            },
            Relay::Frame {
                frame: frame.clone(),
                to: to.clone(),
                is_signal: true,
            },
            Relay::ToAccounts {
                frame: frame.clone(),
                accounts: vec![AccountId::from_bytes([3; 16]); devices],
                except: to.clone(),
            },
            Relay::Fleeting {
                request: u64::MAX,
                frame,
                before: u64::MAX,
                to,
            },
            Relay::Reached {
                request: u64::MAX,
                devices: u32::MAX,
            },
            Relay::Ended {
                device: address(2),
                goodbye: Goodbye::SessionEnded,
            },
            Relay::Seek {
                request: u64::MAX,
                device: address(2),
            },
        ]
    }

    #[test]
    fn no_relay_is_larger_than_it_says() {
        for relay in relays(200) {
            let encoded = postcard::to_extend(&Record::Relay(relay.clone()), Vec::new()).unwrap();
            assert!(encoded.len() <= relay.bytes_max(), "{relay:?}");
        }
    }

    #[test]
    fn a_message_cut_anywhere_is_not_read_as_another() {
        let records: Vec<Record<Bytes>> = relays(2).into_iter().map(Record::Relay).collect();
        let encoded = encode(&head(), &records, 0);
        let plain = &encoded[Seal::buffer(0).len()..];
        let (read, all) = decode(plain).unwrap();
        assert_eq!((read, all.len()), (head(), records.len()));
        for length in 0..plain.len() {
            if let Some((_, read)) = decode(&plain[..length]) {
                assert!(read.len() < all.len());
                assert_eq!(read[..], all[..read.len()]);
            }
        }
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_message_do_no_harm(plain in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = decode(&plain);
        }
    }
}
