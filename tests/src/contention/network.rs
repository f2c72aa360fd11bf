//! The network: requests and connections between a device's process and the server, through the weather.

use super::house::House;
use super::life::Life;
use super::log::Witness;
use super::weather::{Fate, Way};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use sotto_client_sdk::platform::{
    Connection, FrameSink, FrameSource, Method, Request, Response, Transport, TransportError,
};
use sotto_client_sdk::protocol::frame::{ClientFrame, EntryKind, Outcome, ServerFrame};
use sotto_client_sdk::protocol::rest::auth::Token;
use sotto_client_sdk::protocol::{AccountId, ChatId, DeviceId};
use sotto_server::{EmbeddedConnection, EmbeddedIntake};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// The connection broke without a goodbye (RFC 6455, section 7.4.1).
const BROKEN: TransportError = TransportError::Closed { code: 1006 };
/// How long a node keeps an entry back that may be overtaken.
const OVERTAKING: Duration = Duration::from_millis(250);

/// Short names for ids, in the order in which they were first seen. Clones are the same names.
#[derive(Clone, Debug, Default)]
pub struct Names {
    known: Arc<Mutex<HashMap<[u8; 16], String>>>,
}

impl Names {
    /// Calls an id by this name.
    pub fn give(&self, id: &[u8; 16], name: impl Into<String>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(*id, name.into());
    }

    /// What an id is called.
    #[must_use]
    pub fn of(&self, id: &[u8; 16]) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let hex = || format!("{:08x}", id.first_chunk().copied().map_or(0, u32::from_be_bytes));
        known.get(id).cloned().unwrap_or_else(hex)
    }

    /// What a chat is called.
    #[must_use]
    pub fn chat(&self, chat: ChatId) -> String {
        self.of(chat.as_bytes())
    }

    /// What an account is called.
    #[must_use]
    pub fn account(&self, account: AccountId) -> String {
        self.of(account.as_bytes())
    }

    /// What a device is called.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> String {
        self.of(device.as_bytes())
    }
}

/// The way of one process to the server.
#[derive(Clone)]
pub struct SimulatedTransport {
    house: House,
    way: Way,
    life: Life,
    witness: Witness,
}

impl SimulatedTransport {
    /// Of a process that lives this life.
    #[must_use]
    pub const fn new(house: House, way: Way, life: Life, witness: Witness) -> Self {
        Self {
            house,
            way,
            life,
            witness,
        }
    }

    async fn lives(&self) {
        if self.life.is_over() {
            std::future::pending::<()>().await;
        }
    }
}

fn unreachable(why: &str) -> TransportError {
    TransportError::Unreachable(why.to_owned())
}

impl Transport for SimulatedTransport {
    type Connection = SimulatedConnection;

    async fn request(&self, request: Request) -> Result<Response, TransportError> {
        self.lives().await;
        let what = format!("{} {}", request.method.as_str(), self.shown(&request.path));
        if self.way.is_offline() {
            sleep(self.way.delay()).await;
            return Err(unreachable("offline"));
        }
        let cut = self.way.connections();
        sleep(self.way.delay()).await;
        if self.way.happens(|weather| weather.lost_requests / 2) {
            self.way.say(format_args!("{what} is lost on its way"));
            sleep(self.way.between(100, 40_000)).await;
            return Err(TransportError::TimedOut);
        }
        let Some(server) = self.house.server() else {
            return Err(unreachable("nothing listens"));
        };
        let (created, left) = (created_chat(&request), left_group(&request));
        let request = to_http(request)?;
        let witness = self.witness.clone();
        let (down, life) = (server.down.clone(), self.life.clone());
        // What has arrived is done, whether anybody waits for it or not.
        let answering = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = server.down.cancelled() => None,
                answer = async {
                    let before = match left {
                        Some(chat) => server.server.members(chat).await.ok().flatten(),
                        None => None,
                    };
                    let answer = server.server.answer(request).await;
                    if let Some(chat) = left
                        && let Ok(Some(after)) = server.server.members(chat).await
                    {
                        let left = before.unwrap_or_default().into_iter();
                        for device in left.filter(|device| !after.contains(device)) {
                            witness.left(chat, device.account);
                        }
                    }
                    answer
                } => {
                    if let Some(chat) = created.filter(|_| answer.status().is_success())
                        && let Ok(Some(members)) = server.server.members(chat).await
                    {
                        witness.created(chat, members);
                    }
                    Some(answer)
                }
            }
        });
        let answer = tokio::select! {
            biased;
            () = down.cancelled() => None,
            answer = answering => answer.ok().flatten(),
        };
        let Some(answer) = answer else {
            return Err(unreachable("the server is gone"));
        };
        let status = answer.status().as_u16();
        self.way.say(format_args!("{what} → {status}"));
        if self.way.happens(|weather| weather.lost_requests / 2) {
            self.way.say(format_args!("the answer to {what} is lost"));
            sleep(self.way.between(100, 40_000)).await;
            return Err(TransportError::TimedOut);
        }
        sleep(self.way.delay()).await;
        if life.is_over() {
            std::future::pending::<()>().await;
        }
        if cut.is_cancelled() {
            return Err(unreachable("offline"));
        }
        Ok(Response {
            status,
            body: answer.into_body().into(),
        })
    }

    async fn connect(&self, token: &Token) -> Result<SimulatedConnection, TransportError> {
        self.lives().await;
        sleep(self.way.delay()).await;
        if self.way.is_offline() {
            return Err(unreachable("offline"));
        }
        if self.way.happens(|weather| weather.refused_connections) {
            return Err(unreachable("the connection was reset"));
        }
        let Some(server) = self.house.server() else {
            return Err(unreachable("nothing listens"));
        };
        let connecting = server.server.connect(token.reveal());
        let connected = tokio::select! {
            biased;
            () = server.down.cancelled() => return Err(unreachable("the server is gone")),
            connected = connecting => connected,
        };
        let connection = connected.map_err(|code| {
            self.way.say(format_args!("may not connect: {code:?}"));
            TransportError::Refused {
                status: code.status(),
            }
        })?;
        let fate = self.way.fate();
        self.way.say(format_args!("connected; {fate:?}"));
        let link = Link {
            way: self.way.clone(),
            broken: self.way.connections(),
            down: server.down.clone(),
            life: self.life.clone(),
            witness: self.witness.clone(),
            fate,
            carried: Arc::default(),
        };
        sleep(self.way.delay()).await;
        self.lives().await;
        Ok(link.open(connection))
    }
}

impl SimulatedTransport {
    /// A path with names in place of ids.
    fn shown(&self, path: &str) -> String {
        let parts = path.split('/').map(|part| {
            let (id, rest) = part.split_once('?').map_or((part, ""), |(id, _)| (id, "?…"));
            let shown = id
                .parse::<ChatId>()
                .map_or_else(|_| id.to_owned(), |id| self.way.names().chat(id));
            shown + rest
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

/// The chat that a request creates, if it does.
fn created_chat(request: &Request) -> Option<ChatId> {
    let path = request.path.strip_prefix("/v1/")?;
    let id = path
        .strip_prefix("group/")
        .or_else(|| path.strip_prefix("chat/"))?;
    (request.method == Method::Put).then(|| id.parse().ok()).flatten()
}

/// The group that a request leaves, if it does.
fn left_group(request: &Request) -> Option<ChatId> {
    let path = request.path.strip_prefix("/v1/group/")?;
    path.strip_suffix("/leave")?.parse().ok()
}

fn to_http(request: Request) -> Result<http::Request<Bytes>, TransportError> {
    let method = match request.method {
        Method::Get => http::Method::GET,
        Method::Put => http::Method::PUT,
        Method::Post => http::Method::POST,
        Method::Delete => http::Method::DELETE,
        Method::Patch => http::Method::PATCH,
    };
    let mut builder = http::Request::builder().method(method).uri(request.path);
    if let Some(token) = &request.token {
        builder = builder.header(AUTHORIZATION, format!("Bearer {}", token.reveal()));
    }
    if let Some(body) = &request.body {
        builder = builder.header(CONTENT_TYPE, body.content_type());
    }
    let body = request
        .body
        .map(sotto_client_sdk::platform::RequestBody::into_bytes);
    builder
        .body(body.unwrap_or_default())
        .map_err(|_| TransportError::Malformed)
}

/// What the two directions of a connection share.
#[derive(Clone)]
struct Link {
    way: Way,
    /// It is broken, for both sides.
    broken: CancellationToken,
    /// The server is gone.
    down: CancellationToken,
    life: Life,
    witness: Witness,
    fate: Fate,
    carried: Arc<Mutex<usize>>,
}

impl Link {
    fn open(self, connection: EmbeddedConnection) -> SimulatedConnection {
        let (to_server, from_client) = unbounded_channel();
        let (to_client, from_server) = unbounded_channel();
        let intake = connection.intake();
        tokio::spawn(self.clone().up(from_client, intake));
        tokio::spawn(self.clone().down(connection, to_client));
        SimulatedConnection {
            sink: SimulatedSink {
                to_server: Some(to_server),
                broken: self.broken.clone(),
            },
            source: SimulatedSource {
                from_server,
                life: self.life,
            },
        }
    }

    /// Ends with the connection.
    async fn is_over(&self) {
        tokio::select! {
            biased;
            () = self.broken.cancelled() => {}
            () = self.down.cancelled() => {}
            () = self.life.over() => {}
        }
    }

    /// Counts a frame. `false` if it is swallowed.
    fn carry(&self) -> bool {
        let mut carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        *carried += 1;
        match self.fate {
            Fate::Breaks(frames) if *carried == frames => {
                self.way.say("the connection breaks");
                self.broken.cancel();
                false
            }
            Fate::FallsSilent(frames) if *carried == frames => {
                self.way.say("the connection falls silent");
                false
            }
            Fate::FallsSilent(frames) => *carried < frames,
            Fate::Lasts | Fate::Breaks(_) => true,
        }
    }

    /// Carries the device's frames to the server, one after the other.
    async fn up(self, mut frames: UnboundedReceiver<Bytes>, intake: EmbeddedIntake) {
        let carrying = async {
            let mut arrives = Instant::now();
            while let Some(frame) = frames.recv().await {
                arrives = arrives.max(Instant::now() + self.way.delay());
                sleep_until(arrives).await;
                if !self.carry() {
                    continue;
                }
                if let Ok(frame) = ClientFrame::decode(&frame) {
                    self.way.say(format_args!("→ {}", self.sent(&frame)));
                    self.witness.sent(&frame);
                }
                if intake.take(frame).await.is_err() {
                    self.way.say("sent what is no frame");
                }
            }
        };
        tokio::select! {
            biased;
            () = self.is_over() => {}
            () = carrying => {}
        }
    }

    /// Carries the server's frames to the device.
    async fn down(self, mut connection: EmbeddedConnection, to_client: UnboundedSender<Arrival>) {
        let mut lanes = Lanes::default();
        let ended = loop {
            let next = lanes.next_at();
            tokio::select! {
                biased;
                () = self.is_over() => break Err(BROKEN),
                () = to_client.closed() => return,
                () = async { sleep_until(next.unwrap_or_else(Instant::now)).await }, if next.is_some() => {
                    if let Some(frame) = lanes.take() {
                        self.hand_over(frame, &to_client);
                    }
                }
                frames = connection.next(), if !lanes.is_closed => match frames {
                    Some(frames) => {
                        for frame in frames {
                            lanes.put(frame, &self.way);
                        }
                    }
                    None => lanes.is_closed = true,
                },
            }
            if lanes.is_closed && lanes.is_empty() {
                break Ok(());
            }
        };
        let _ = to_client.send(Arrival::End(ended));
    }

    fn hand_over(&self, bytes: Bytes, to_client: &UnboundedSender<Arrival>) {
        if !self.carry() {
            return;
        }
        if let Ok(frame) = ServerFrame::decode(&bytes) {
            self.way.say(format_args!("← {}", self.received(&frame)));
            self.witness.received(&frame);
        }
        let _ = to_client.send(Arrival::Frame(bytes));
    }

    fn sent(&self, frame: &ClientFrame) -> String {
        let names = self.way.names();
        let devices = |devices: &[sotto_client_sdk::protocol::DeviceAddress]| {
            let listed: Vec<String> = devices.iter().map(|device| names.device(device.device)).collect();
            listed.join(" ")
        };
        match frame {
            ClientFrame::Send {
                chat, message, after, ..
            } => format!(
                "message {} in {} after {}",
                names.of(message.as_bytes()),
                names.chat(*chat),
                after.0
            ),
            ClientFrame::Commit {
                chat,
                message,
                after,
                added,
                removed,
                as_newcomer,
                ..
            } => format!(
                "Commit {} in {} after {} +[{}] -[{}]{}",
                names.of(message.as_bytes()),
                names.chat(*chat),
                after.0,
                devices(added),
                devices(removed),
                if *as_newcomer { " as newcomer" } else { "" }
            ),
            ClientFrame::Ack { chat, seq } => format!("ack {} in {}", seq.0, names.chat(*chat)),
            ClientFrame::Fetch { chat, after, .. } => {
                format!("fetch {} after {}", names.chat(*chat), after.0)
            }
            ClientFrame::Signal { .. } | ClientFrame::Marker { .. } => "signal or marker".to_owned(),
            ClientFrame::Ping => "ping".to_owned(),
        }
    }

    fn received(&self, frame: &ServerFrame) -> String {
        let names = self.way.names();
        let entry = |entry: &sotto_client_sdk::protocol::frame::Entry| {
            let kind = match entry.kind {
                EntryKind::Application => "",
                EntryKind::Commit => " Commit",
                EntryKind::Deleted => " deleted",
                EntryKind::TakenBack => " taken back",
                EntryKind::Reversal => " reversal",
            };
            format!("{}{kind} of {}", entry.seq.0, names.device(entry.from.device))
        };
        match frame {
            ServerFrame::Response { outcome, .. } => match outcome {
                Outcome::Accepted { seq, .. } => format!("accepted as {}", seq.map_or(0, |seq| seq.0)),
                Outcome::Page(page) => {
                    let entries: Vec<String> = page.entries.iter().map(entry).collect();
                    format!("page [{}] of {}", entries.join(", "), page.last.0)
                }
                Outcome::Refused(refusal) => format!("refused: {:?} {:?}", refusal.code, refusal.epoch),
            },
            ServerFrame::Entry { chat, entry: it } => format!("{} {}", names.chat(*chat), entry(it)),
            ServerFrame::Welcome {
                chat, after, from, ..
            } => format!(
                "Welcome into {} after {} by {}",
                names.chat(*chat),
                after.0,
                names.device(from.device)
            ),
            ServerFrame::Cursor {
                chat,
                acknowledged,
                last,
                ..
            } => format!(
                "cursor {} {:?} of {}",
                names.chat(*chat),
                acknowledged.map(|seq| seq.0),
                last.0
            ),
            ServerFrame::Changed(change) => match change {
                sotto_client_sdk::protocol::frame::Change::User(account) => {
                    format!("changed: {}", names.account(*account))
                }
                other => format!("changed: {other:?}"),
            },
            ServerFrame::Signal { .. } | ServerFrame::Marker { .. } => "signal or marker".to_owned(),
            ServerFrame::Ready { .. } => "ready".to_owned(),
            ServerFrame::Pong => "pong".to_owned(),
            ServerFrame::Goodbye(goodbye) => format!("goodbye: {goodbye:?}"),
        }
    }
}

/// What keeps its order on the way to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Lane {
    /// Entries and the like of one chat.
    Chat(ChatId),
    /// Answers: they overtake entries, and entries them.
    Answers,
    /// Everything: what comes before comes before, and what comes after after.
    All,
}

fn lane(frame: &ServerFrame) -> Lane {
    match frame {
        ServerFrame::Entry { chat, .. }
        | ServerFrame::Welcome { chat, .. }
        | ServerFrame::Cursor { chat, .. } => Lane::Chat(*chat),
        ServerFrame::Response { .. } => Lane::Answers,
        ServerFrame::Signal { .. }
        | ServerFrame::Marker { .. }
        | ServerFrame::Changed(_)
        | ServerFrame::Ready { .. }
        | ServerFrame::Pong
        | ServerFrame::Goodbye(_) => Lane::All,
    }
}

/// Frames on their way to a device.
#[derive(Default)]
struct Lanes {
    frames: BTreeMap<(Instant, u64), Bytes>,
    count: u64,
    last: HashMap<Lane, Instant>,
    latest: Option<Instant>,
    floor: Option<Instant>,
    /// The last entry of a chat, if it is held back to be overtaken.
    held: HashMap<ChatId, (Instant, u64)>,
    is_closed: bool,
}

impl Lanes {
    fn put(&mut self, bytes: Bytes, way: &Way) {
        let Ok(frame) = ServerFrame::decode(&bytes) else {
            return;
        };
        let lane = lane(&frame);
        let mut at = Instant::now() + way.delay();
        at = at.max(self.floor.unwrap_or(at));
        if lane == Lane::All {
            at = at.max(self.latest.unwrap_or(at));
            self.floor = Some(at);
        }
        if let Some(last) = self.last.get(&lane) {
            at = at.max(*last);
        }
        if let ServerFrame::Entry { chat, .. } = &frame {
            if let Some(held) = self.held.remove(chat)
                && self.frames.remove(&held).is_some()
            {
                way.say("an entry was overtaken");
            }
            if way.happens(|weather| weather.overtaken_entries) {
                let key = (at + OVERTAKING, self.count);
                self.held.insert(*chat, key);
                self.latest = self.latest.max(Some(key.0));
                self.insert(key.0, bytes);
                return;
            }
        }
        self.last.insert(lane, at);
        self.latest = self.latest.max(Some(at));
        if matches!(frame, ServerFrame::Entry { .. }) && way.happens(|weather| weather.doubled_entries) {
            self.insert(at, bytes.clone());
        }
        self.insert(at, bytes);
    }

    fn insert(&mut self, at: Instant, bytes: Bytes) {
        self.frames.insert((at, self.count), bytes);
        self.count += 1;
    }

    fn next_at(&self) -> Option<Instant> {
        self.frames.first_key_value().map(|((at, _), _)| *at)
    }

    fn take(&mut self) -> Option<Bytes> {
        self.frames.pop_first().map(|(_, frame)| frame)
    }

    fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
}

enum Arrival {
    Frame(Bytes),
    End(Result<(), TransportError>),
}

/// A process's end of a connection.
pub struct SimulatedConnection {
    sink: SimulatedSink,
    source: SimulatedSource,
}

impl Connection for SimulatedConnection {
    type Sink = SimulatedSink;
    type Source = SimulatedSource;

    fn split(self) -> (SimulatedSink, SimulatedSource) {
        (self.sink, self.source)
    }
}

/// Its sending half.
pub struct SimulatedSink {
    to_server: Option<UnboundedSender<Bytes>>,
    broken: CancellationToken,
}

impl FrameSink for SimulatedSink {
    async fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        if self.broken.is_cancelled() {
            return Err(BROKEN);
        }
        let sent = self
            .to_server
            .as_ref()
            .is_some_and(|sender| sender.send(frame).is_ok());
        if sent { Ok(()) } else { Err(BROKEN) }
    }

    async fn close(&mut self) {
        self.to_server = None;
    }
}

/// Its receiving half.
pub struct SimulatedSource {
    from_server: UnboundedReceiver<Arrival>,
    life: Life,
}

impl FrameSource for SimulatedSource {
    async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        if self.life.is_over() {
            std::future::pending::<()>().await;
        }
        match self.from_server.recv().await {
            Some(Arrival::Frame(frame)) => Some(Ok(frame)),
            Some(Arrival::End(Ok(()))) => None,
            Some(Arrival::End(Err(error))) => Some(Err(error)),
            None => Some(Err(BROKEN)),
        }
    }
}
