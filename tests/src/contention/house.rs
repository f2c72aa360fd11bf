//! The server of an episode: stopped, killed and started again over what it kept.

use super::clock::SimulatedClock;
use super::trace::Trace;
use sotto_client_sdk::protocol::frame::Entry;
use sotto_client_sdk::protocol::{ChatId, DeviceAddress};
use sotto_server::config::{Config, Limits, Rate};
use sotto_server::{AtOnce, EmbeddedServer};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};
use tokio_util::sync::CancellationToken;

/// A server that runs.
#[derive(Clone)]
pub struct Running {
    /// The server.
    pub server: Arc<EmbeddedServer>,
    /// Cut when it is gone.
    pub down: CancellationToken,
}

/// The server of an episode. Clones are the same one.
#[derive(Clone)]
pub struct House {
    inner: Arc<Inner>,
}

struct Inner {
    clock: SimulatedClock,
    trace: Trace,
    state: Mutex<State>,
}

struct State {
    running: Option<Running>,
    /// The server before: as long as somebody is still talking to it, it holds its folder.
    former: Weak<EmbeddedServer>,
    /// The last is where the server keeps things; those before it are of servers that were killed.
    folders: Vec<TempDir>,
}

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// In order.
    Stopped,
    /// By SIGKILL.
    Killed,
}

/// Where the drivers of databases run, of all episodes of this process.
fn drivers() -> Handle {
    static DRIVERS: OnceLock<Runtime> = OnceLock::new();
    let runtime = DRIVERS.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("databases")
            .enable_all()
            .build()
            .expect("there is a runtime for databases")
    });
    runtime.handle().clone()
}

/// A folder that is gone when it is dropped, in memory where there is such a place: nothing here outlives a power cut.
pub(super) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("there is room for a folder")
}

/// Copies the files of a folder.
pub(super) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file has a type").is_dir() {
            std::fs::create_dir_all(&target).expect("a folder can be made");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// Without limits on rates: they go by a clock that cannot be paused.
fn config(folder: &Path) -> Config {
    let unlimited = Rate::new(0, 0);
    let mut config = Config::in_directory(folder);
    config.captcha.enabled = false;
    config.limits = Limits {
        requests_per_address: unlimited,
        auth_per_address: unlimited,
        registrations_per_address: unlimited,
        connects_per_address: unlimited,
        logins_per_name: unlimited,
        requests_per_account: unlimited,
        requests_per_device: unlimited,
        searches_per_account: unlimited,
        claims_per_account: unlimited,
        claims_per_target: unlimited,
        claims_per_pair: unlimited,
        pictures_per_account: unlimited,
        chats_begun_per_day: 0,
        blob_requests_per_account: unlimited,
        archive_requests_per_account: unlimited,
        connects_per_device: unlimited,
        frames_per_connection: unlimited,
        reads_per_account: unlimited,
        ..Limits::default()
    };
    config
}

impl House {
    /// Starts the server over what this folder holds.
    pub async fn start(folder: TempDir, clock: SimulatedClock, trace: Trace) -> Self {
        let house = Self {
            inner: Arc::new(Inner {
                clock,
                trace,
                state: Mutex::new(State {
                    running: None,
                    former: Weak::new(),
                    folders: vec![folder],
                }),
            }),
        };
        house.begin().await;
        house
    }

    /// The server, if it runs.
    #[must_use]
    pub fn server(&self) -> Option<Running> {
        self.state().running.clone()
    }

    /// Ends the server, if it runs.
    pub async fn end(&self, ending: Ending) {
        let Some(Running { server, down }) = self.state().running.take() else {
            return;
        };
        self.inner.trace.say(format_args!("server {ending:?}"));
        match ending {
            Ending::Stopped => {
                server.shutdown().await;
                down.cancel();
                self.state().former = Arc::downgrade(&server);
            }
            Ending::Killed => {
                server.kill();
                down.cancel();
                let next = folder();
                if let Some(last) = self.state().folders.last() {
                    copy(last.path(), next.path());
                }
                self.state().folders.push(next);
            }
        }
    }

    /// Starts the server over what it kept.
    pub async fn begin(&self) {
        let former = self.state().former.clone();
        while former.strong_count() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let config = {
            let state = self.state();
            let folder = state.folders.last().expect("a server has a folder");
            config(folder.path())
        };
        let clock = Arc::new(self.inner.clock.clone());
        let server = EmbeddedServer::open(config, clock, AtOnce::new(drivers()))
            .await
            .expect("the server starts over what it kept");
        self.inner.trace.say("server runs");
        self.state().running = Some(Running {
            server: Arc::new(server),
            down: CancellationToken::new(),
        });
    }

    /// Where the server keeps things, once it has ended.
    #[must_use]
    pub fn into_folder(self) -> Option<TempDir> {
        self.state().folders.pop()
    }

    /// The devices in a chat, as the server knows them.
    pub async fn members(&self, chat: ChatId) -> Option<Vec<DeviceAddress>> {
        let running = self.server()?;
        let members = running.server.members(chat).await;
        members.expect("the database can be read")
    }

    /// A chat's whole log, as this member is shown it.
    pub async fn entries(&self, chat: ChatId, member: DeviceAddress) -> Option<Vec<Entry>> {
        let running = self.server()?;
        let entries = running.server.entries(chat, member).await;
        entries.expect("the database can be read")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
