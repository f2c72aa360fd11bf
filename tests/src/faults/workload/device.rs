//! One device: connects, talks, reads, loses its connection, connects elsewhere.

use super::chat::ChatView;
use super::outgoing::Outgoing;
use super::{Phase, Progress, RunClock};
use crate::faults::dice::Dice;
use crate::faults::history::{DeviceHistory, Event, SeenEntry, SeenPage};
use crate::light::{Api, LightDevice, LightSocket, SocketError};
use sotto_protocol::frame::{ClientFrame, Entry, EntryKind, Outcome, RequestId, ServerFrame};
use sotto_protocol::{ChatId, Epoch, MessageId, ProblemCode, Seq};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Entries in a page.
const PAGE: u16 = 100;
/// Time between two attempts to connect, at least.
const RECONNECT: Duration = Duration::from_millis(20);
/// How often a device looks whether something is overdue.
const TICK: Duration = Duration::from_millis(100);

/// How a device behaves.
#[derive(Clone, Copy, Debug)]
pub struct DeviceOptions {
    /// Messages on their way at once.
    pub window: usize,
    /// Time between two messages.
    pub pace: Duration,
    /// How long it waits for an answer before it connects elsewhere.
    pub patience: Duration,
    /// Entries that it reads before it acknowledges them.
    pub acknowledge_every: u64,
}

impl DeviceOptions {
    /// Some behaviour; on the average one message in `pace`.
    #[must_use]
    pub fn random(dice: &mut Dice, pace: Duration) -> Self {
        Self {
            window: 1 + dice.below(24),
            pace: dice.between(pace / 2, pace * 3 / 2),
            patience: dice.between(Duration::from_millis(1_500), Duration::from_secs(6)),
            acknowledge_every: 1 + u64::try_from(dice.below(20)).unwrap(),
        }
    }
}

/// Why a connection is over.
enum Over {
    /// Connect again.
    Lost,
    /// Everything is done.
    Done,
}

impl From<SocketError> for Over {
    fn from(_: SocketError) -> Self {
        Self::Lost
    }
}

/// A page on its way.
pub(super) struct PageAsked {
    chat: ChatId,
    since: Instant,
    /// Asked for when everybody had been answered: if it ends where the chat does, it is the last.
    catching_up: bool,
}

pub(super) struct Device {
    pub(super) session: LightDevice,
    pub(super) nodes: Arc<[SocketAddr]>,
    pub(super) options: DeviceOptions,
    pub(super) dice: Dice,
    pub(super) clock: RunClock,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) progress: Arc<Progress>,
    pub(super) chats: Vec<ChatView>,
    pub(super) outgoing: Vec<Outgoing>,
    /// Pages on their way.
    pub(super) pages: HashMap<RequestId, PageAsked>,

    pub(super) requests: u32,
    pub(super) node: usize,
    pub(super) next_message: Instant,
    pub(super) heard: Instant,
    pub(super) history: DeviceHistory,
}

impl Device {
    /// Talks until it is told to leave; then tells what it saw.
    pub(super) async fn run(mut self) -> DeviceHistory {
        loop {
            if *self.phase.borrow() == Phase::Leave {
                return self.history;
            }
            let over = self.connection().await;
            self.happened(Event::Disconnected);
            self.lose_connection();
            if matches!(over, Over::Done) {
                self.history.settled = true;
                return self.history;
            }
            self.node += 1;
            let pause = self.dice.between(RECONNECT, RECONNECT * 4);
            sleep(pause).await;
        }
    }

    fn happened(&mut self, event: Event) {
        self.history.events.push((self.clock.now(), event));
    }

    fn lose_connection(&mut self) {
        self.pages.clear();
        for chat in &mut self.chats {
            chat.fetching = false;
        }
        let before = self.is_unanswered();
        self.outgoing
            .retain(|outgoing| outgoing.in_flight.is_none() || outgoing.is_sent_again());
        for outgoing in &mut self.outgoing {
            outgoing.in_flight = None;
        }
        self.progress.change_unanswered(before, self.is_unanswered());
    }

    fn is_unanswered(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// One connection, from its beginning to its end.
    async fn connection(&mut self) -> Over {
        let node = self.node % self.nodes.len();
        let Some(&address) = self.nodes.get(node) else {
            return Over::Lost;
        };
        self.happened(Event::Connecting { node });
        let token = self.session.tokens.access_token.clone();
        let connecting = timeout(self.options.patience, LightSocket::connect(address, &token));
        let mut socket = match connecting.await {
            Ok(Ok(socket)) => socket,
            Ok(Err(SocketError::Refused(401))) => {
                let api = Api::new(&format!("http://{address}"));
                let _ = timeout(self.options.patience, self.session.refresh(&api)).await;
                return Over::Lost;
            }
            Ok(Err(_)) | Err(_) => return Over::Lost,
        };
        match self.talk(&mut socket).await {
            Ok(over) | Err(over) => over,
        }
    }

    async fn talk(&mut self, socket: &mut LightSocket) -> Result<Over, Over> {
        self.heard = Instant::now();
        let mut ready = false;
        let mut phase = self.phase.clone();
        let mut tick = Instant::now() + TICK;
        loop {
            let now = *phase.borrow_and_update();
            if now == Phase::Leave {
                return Ok(Over::Lost);
            }
            if ready {
                self.send_what_is_due(socket, now).await?;
                if now == Phase::CatchUp && self.is_caught_up() {
                    socket.close().await;
                    return Ok(Over::Done);
                }
            }
            let wake = if ready && now == Phase::Talk && self.outgoing.len() < self.options.window {
                tick.min(self.next_message)
            } else {
                tick
            };
            tokio::select! {
                frame = socket.next() => {
                    self.heard = Instant::now();
                    match frame {
                        Some(Ok(ServerFrame::Ready { .. })) => {
                            self.happened(Event::Ready);
                            ready = true;
                        }
                        Some(Ok(ServerFrame::Goodbye(_)) | Err(_)) | None => return Ok(Over::Lost),
                        Some(Ok(frame)) => self.take(frame),
                    }
                }
                () = sleep_until(wake) => {}
                _ = phase.changed() => {}
            }
            if tick <= Instant::now() {
                tick = Instant::now() + TICK;
                self.look_after_the_connection(socket).await?;
            }
        }
    }

    /// Gives the connection up if an answer is overdue, and asks for a sign of life if it has been quiet.
    async fn look_after_the_connection(&mut self, socket: &mut LightSocket) -> Result<(), Over> {
        let now = Instant::now();
        let patience = self.options.patience;
        let oldest = self
            .outgoing
            .iter()
            .filter_map(|outgoing| outgoing.in_flight.map(|(_, since)| since))
            .chain(self.pages.values().map(|page| page.since))
            .min();
        let overdue = oldest.is_some_and(|oldest| now - oldest > patience);
        if overdue || now - self.heard > patience {
            return Err(Over::Lost);
        }
        if now - self.heard > patience / 2 {
            self.send(socket, &ClientFrame::Ping).await?;
        }
        Ok(())
    }

    async fn send(&mut self, socket: &mut LightSocket, frame: &ClientFrame) -> Result<(), Over> {
        match timeout(self.options.patience, socket.send(frame)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(Over::Lost),
        }
    }

    async fn send_what_is_due(&mut self, socket: &mut LightSocket, phase: Phase) -> Result<(), Over> {
        let now = Instant::now();
        if phase == Phase::Talk && now >= self.next_message && self.outgoing.len() < self.options.window {
            self.next_message = now + self.options.pace;
            let chat = self.dice.below(self.chats.len());
            if let Some(chat) = self.chats.get(chat) {
                let outgoing = Outgoing::new(chat, &mut self.dice);
                let before = self.is_unanswered();
                self.outgoing.push(outgoing);
                self.progress.change_unanswered(before, true);
            }
        }
        self.send_outgoing(socket).await?;
        self.ask_for_pages(socket, phase).await?;
        self.acknowledge(socket, phase).await
    }

    async fn send_outgoing(&mut self, socket: &mut LightSocket) -> Result<(), Over> {
        let now = Instant::now();
        for index in 0..self.outgoing.len() {
            let request = RequestId(self.requests + 1);
            let Some(outgoing) = self.outgoing.get_mut(index) else {
                break;
            };
            if outgoing.in_flight.is_some() || outgoing.not_before.is_some_and(|then| then > now) {
                continue;
            }
            if let Some(needed) = outgoing.needs_epoch {
                let epoch = self
                    .chats
                    .iter()
                    .find(|chat| chat.chat == outgoing.chat)
                    .map_or(Epoch(0), |chat| chat.epoch);
                if epoch < needed {
                    continue;
                }
                outgoing.make(epoch, &mut self.dice);
            }
            // Sometimes as far as is known when it is sent, sometimes as far as when it was first sent: the server has to look
            // near and far.
            if self.dice.once_in(2)
                && let Some(chat) = self.chats.iter().find(|chat| chat.chat == outgoing.chat)
            {
                outgoing.after = chat.read;
            }
            outgoing.in_flight = Some((request, now));
            let (frame, submission) = outgoing.frame(self.session.address, request);
            self.requests += 1;
            self.happened(Event::Submitted(submission));
            self.send(socket, &frame).await?;
        }
        Ok(())
    }

    async fn ask_for_pages(&mut self, socket: &mut LightSocket, phase: Phase) -> Result<(), Over> {
        for index in 0..self.chats.len() {
            let catching_up = phase == Phase::CatchUp;
            let now = Instant::now();
            let request = RequestId(self.requests + 1);
            let Some(chat) = self.chats.get_mut(index) else {
                break;
            };
            let wanted = chat.is_behind() || catching_up && !chat.is_at_the_end;
            if !wanted || chat.fetching || chat.not_before.is_some_and(|then| then > now) {
                continue;
            }
            chat.fetching = true;
            let (of, after) = (chat.chat, chat.read);
            self.requests += 1;
            let wall = self.clock.wall();
            let page = PageAsked {
                chat: of,
                since: now,
                catching_up,
            };
            self.pages.insert(request, page);
            self.happened(Event::Asked {
                request,
                chat: of,
                after,
                wall,
            });
            let fetch = ClientFrame::Fetch {
                request,
                chat: of,
                after,
                limit: PAGE,
            };
            self.send(socket, &fetch).await?;
        }
        Ok(())
    }

    async fn acknowledge(&mut self, socket: &mut LightSocket, phase: Phase) -> Result<(), Over> {
        for index in 0..self.chats.len() {
            let every = if phase == Phase::Talk {
                self.options.acknowledge_every
            } else {
                1
            };
            let Some(chat) = self.chats.get_mut(index) else {
                break;
            };
            if chat.read.0 < chat.acknowledged.0 + every {
                continue;
            }
            chat.acknowledged = chat.read;
            let (chat, seq) = (chat.chat, chat.read);
            self.happened(Event::Acknowledged { chat, seq });
            self.send(socket, &ClientFrame::Ack { chat, seq }).await?;
        }
        Ok(())
    }

    fn is_caught_up(&self) -> bool {
        self.outgoing.is_empty()
            && self
                .chats
                .iter()
                .all(|chat| chat.is_at_the_end && !chat.is_behind())
    }

    fn chat(&mut self, chat: ChatId) -> Option<&mut ChatView> {
        self.chats.iter_mut().find(|view| view.chat == chat)
    }

    fn take(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Response { request, outcome } => self.answer(request, outcome),
            ServerFrame::Entry { chat, entry } => {
                let seen = SeenEntry::from(&entry);
                self.happened(Event::Pushed { chat, entry: seen });
                self.entry(chat, &entry);
            }
            ServerFrame::Cursor {
                chat,
                acknowledged,
                last,
                ..
            } => {
                self.happened(Event::Cursor {
                    chat,
                    acknowledged,
                    last,
                });
                if let Some(view) = self.chat(chat) {
                    view.last = view.last.max(last);
                }
            }
            ServerFrame::Welcome { .. }
            | ServerFrame::Signal { .. }
            | ServerFrame::Marker { .. }
            | ServerFrame::Changed(_)
            | ServerFrame::Ready { .. }
            | ServerFrame::Pong
            | ServerFrame::Goodbye(_) => {}
        }
    }

    fn entry(&mut self, chat: ChatId, entry: &Entry) {
        let is_commit = entry.kind == EntryKind::Commit;
        if let Some(view) = self.chat(chat)
            && entry.seq > Seq::ZERO
        {
            view.take(entry.seq, is_commit);
        }
        if entry.from == self.session.address {
            self.found(chat, entry.message);
        }
    }

    /// What this device has sent is in the log: it is not sent again, as it may have read beyond it by then. If it is on its
    /// way, the answer is still to come.
    fn found(&mut self, chat: ChatId, message: MessageId) {
        let before = self.is_unanswered();
        for outgoing in &mut self.outgoing {
            outgoing.is_found |= outgoing.chat == chat && outgoing.message == message;
        }
        self.outgoing
            .retain(|outgoing| outgoing.in_flight.is_some() || !outgoing.is_found);
        self.progress.change_unanswered(before, self.is_unanswered());
    }

    fn answer(&mut self, request: RequestId, outcome: Outcome) {
        match outcome {
            Outcome::Accepted { seq, at, reached } => {
                self.happened(Event::Accepted {
                    request,
                    seq,
                    at,
                    reached,
                });
                if let Some(outgoing) = self.end(request) {
                    let is_commit = outgoing.kind == EntryKind::Commit;
                    if let (Some(view), Some(seq)) = (self.chat(outgoing.chat), seq) {
                        view.take(seq, is_commit);
                    }
                    self.progress.count_acknowledged();
                }
            }
            Outcome::Refused(refusal) => {
                self.happened(Event::Refused {
                    request,
                    code: refusal.code,
                });
                self.refused(request, refusal.code, refusal.epoch);
            }
            Outcome::Page(page) => {
                let seen = SeenPage::from(&page);
                self.happened(Event::Answered { request, page: seen });
                let Some(PageAsked {
                    chat, catching_up, ..
                }) = self.pages.remove(&request)
                else {
                    return;
                };
                for entry in &page.entries {
                    self.entry(chat, entry);
                }
                if let Some(view) = self.chat(chat) {
                    view.fetching = false;
                    view.last = view.last.max(page.last);
                    view.is_at_the_end = catching_up && view.read == page.last;
                }
            }
        }
    }

    /// Takes what was sent under this number out: it has its answer.
    fn end(&mut self, request: RequestId) -> Option<Outgoing> {
        let index = self.sent_as(request)?;
        let ended = self.outgoing.remove(index);
        self.progress.change_unanswered(true, self.is_unanswered());
        Some(ended)
    }

    fn sent_as(&self, request: RequestId) -> Option<usize> {
        self.outgoing
            .iter()
            .position(|outgoing| outgoing.in_flight.is_some_and(|(sent_as, _)| sent_as == request))
    }

    fn refused(&mut self, request: RequestId, code: ProblemCode, epoch: Option<Epoch>) {
        let again_in = self
            .dice
            .between(Duration::from_millis(50), Duration::from_millis(300));
        if let Some(page) = self.pages.remove(&request) {
            if let Some(view) = self.chat(page.chat) {
                view.fetching = false;
                view.not_before = Some(Instant::now() + again_in);
            }
            return;
        }
        let Some(index) = self.sent_as(request) else {
            return;
        };
        let again_in = self
            .dice
            .between(Duration::from_millis(50), Duration::from_millis(300));
        let Some(outgoing) = self.outgoing.get_mut(index) else {
            return;
        };
        outgoing.in_flight = None;
        match code {
            _ if outgoing.is_found => {
                self.outgoing.remove(index);
                self.progress.change_unanswered(true, self.is_unanswered());
            }
            ProblemCode::StaleEpoch if outgoing.kind == EntryKind::Application => {
                let needed = epoch.unwrap_or(Epoch(outgoing.epoch.0 + 1));
                outgoing.needs_epoch = Some(needed);
                let of = outgoing.chat;
                if let Some(view) = self.chat(of)
                    && view.epoch < needed
                {
                    // There is a Commit that this device has not read: at least one entry more.
                    view.last = view.last.max(view.read.next());
                }
            }
            ProblemCode::Behind if outgoing.is_sent_again() => {
                let read = self.chats.iter().find(|chat| chat.chat == outgoing.chat);
                outgoing.after = read.map_or(outgoing.after, |chat| chat.read);
                outgoing.not_before = Some(Instant::now() + again_in);
            }
            ProblemCode::RateLimited
            | ProblemCode::Unavailable
            | ProblemCode::Internal
            | ProblemCode::Timeout
                if outgoing.is_sent_again() =>
            {
                outgoing.not_before = Some(Instant::now() + again_in);
            }
            // A Commit that came too late, a fleeting message, or something that will not be taken later either.
            _ => {
                self.outgoing.remove(index);
                self.progress.change_unanswered(true, self.is_unanswered());
            }
        }
    }
}
