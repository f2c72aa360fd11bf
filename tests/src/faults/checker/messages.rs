//! The histories, turned around: from devices to messages.

use crate::faults::history::{Event, History, Moment, Submission};
use sotto_protocol::frame::RequestId;
use sotto_protocol::{ChatId, DeviceAddress, MessageId, ProblemCode, Seq, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// What the server said to an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Accepted { seq: Option<Seq>, at: Timestamp },
    Refused(ProblemCode),
}

/// One attempt to send a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) submission: Submission,
    pub(super) sent: Moment,
    pub(super) answer: Option<(Moment, Answer)>,
}

/// A message: all attempts to send it, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) from: DeviceAddress,
    pub(super) id: MessageId,
    pub(super) chat: ChatId,
    pub(super) attempts: Vec<Attempt>,
}

impl Message {
    /// The positions and times that the server named, each with the moment at which the sender heard of it.
    pub(super) fn acceptances(&self) -> impl Iterator<Item = (&Attempt, Moment, Option<Seq>, Timestamp)> {
        self.attempts.iter().filter_map(|attempt| match attempt.answer? {
            (moment, Answer::Accepted { seq, at }) => Some((attempt, moment, seq, at)),
            (_, Answer::Refused(_)) => None,
        })
    }

    /// The moment of the first attempt.
    pub(super) fn first_sent(&self) -> Moment {
        self.attempts
            .first()
            .map(|attempt| attempt.sent)
            .unwrap_or_default()
    }
}

/// All messages of a run.
#[derive(Debug, Default)]
pub(super) struct Messages {
    of_sender: HashMap<(DeviceAddress, MessageId), Message>,
}

impl Messages {
    pub(super) fn of(history: &History) -> Self {
        let mut messages = Self::default();
        for device in &history.devices {
            let mut requests: HashMap<RequestId, (MessageId, usize)> = HashMap::new();
            for (moment, event) in &device.events {
                match event {
                    Event::Submitted(submission) => {
                        let key = (device.address, submission.message);
                        let message = messages.of_sender.entry(key).or_insert_with(|| Message {
                            from: device.address,
                            id: submission.message,
                            chat: submission.chat,
                            attempts: Vec::new(),
                        });
                        requests.insert(submission.request, (submission.message, message.attempts.len()));
                        message.attempts.push(Attempt {
                            submission: *submission,
                            sent: *moment,
                            answer: None,
                        });
                    }
                    Event::Accepted { request, seq, at, .. } => {
                        let answer = Answer::Accepted { seq: *seq, at: *at };
                        messages.answer(device.address, requests.get(request), *moment, answer);
                    }
                    Event::Refused { request, code } => {
                        let answer = Answer::Refused(*code);
                        messages.answer(device.address, requests.get(request), *moment, answer);
                    }
                    _ => {}
                }
            }
        }
        messages
    }

    fn answer(
        &mut self,
        device: DeviceAddress,
        attempt: Option<&(MessageId, usize)>,
        moment: Moment,
        answer: Answer,
    ) {
        let Some((message, attempt)) = attempt else {
            return;
        };
        let message = self.of_sender.get_mut(&(device, *message));
        if let Some(attempt) = message.and_then(|message| message.attempts.get_mut(*attempt)) {
            attempt.answer = Some((moment, answer));
        }
    }

    pub(super) fn get(&self, from: DeviceAddress, message: MessageId) -> Option<&Message> {
        self.of_sender.get(&(from, message))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Message> {
        self.of_sender.values()
    }
}

/// What could be known of the length of each chat's log at each moment: what somebody had been told by then.
#[derive(Debug, Default)]
pub(super) struct KnownLengths {
    /// By chat, moments with the highest position known from then on.
    known: BTreeMap<ChatId, Vec<(Moment, Seq)>>,
}

impl KnownLengths {
    pub(super) fn of(history: &History, messages: &Messages) -> Self {
        let mut known: BTreeMap<ChatId, Vec<(Moment, Seq)>> = BTreeMap::new();
        for message in messages.iter() {
            for (_, moment, seq, _) in message.acceptances() {
                if let Some(seq) = seq {
                    known.entry(message.chat).or_default().push((moment, seq));
                }
            }
        }
        for device in &history.devices {
            for (moment, event) in &device.events {
                if let Event::Pushed { chat, entry } = event {
                    known.entry(*chat).or_default().push((*moment, entry.seq));
                }
            }
        }
        for moments in known.values_mut() {
            moments.sort_unstable();
            let mut highest = Seq::ZERO;
            for (_, seq) in moments {
                highest = highest.max(*seq);
                *seq = highest;
            }
        }
        Self { known }
    }

    /// The highest position that somebody had been told of before this moment.
    pub(super) fn before(&self, chat: ChatId, moment: Moment) -> Seq {
        let Some(known) = self.known.get(&chat) else {
            return Seq::ZERO;
        };
        let later = known.partition_point(|(then, _)| *then < moment);
        later
            .checked_sub(1)
            .and_then(|index| known.get(index))
            .map_or(Seq::ZERO, |(_, seq)| *seq)
    }
}
