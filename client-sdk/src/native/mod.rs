//! The client on an operating system: SQLite, sockets, tokio.
//!
//! Everything here has to be called from within a tokio runtime.

mod clock;
mod connection;
mod file;
mod file_writer;
mod loopback;
mod save;
mod sqlite;
mod store_key;
mod store_lock;
mod transport;

pub use clock::SystemClock;
pub use connection::{WebSocketConnection, WebSocketSink, WebSocketSource};
pub use file::file_at;
pub use file_writer::FileWriter;
pub use loopback::LoopbackRedirect;
pub use save::{SaveError, save_file};
pub use sqlite::SqliteStore;
pub use store_key::UnlockError;
pub use transport::{HttpTransport, InvalidServer};

use crate::platform::{FileContent, MaybeSend, Platform};

/// The native platform.
#[derive(Debug)]
pub enum Native {}

impl Platform for Native {
    type Transport = HttpTransport;
    type Store = SqliteStore;
    type Clock = SystemClock;

    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
        tokio::spawn(task);
    }

    async fn find_file(reference: &str) -> Option<FileContent> {
        file_at(reference).await.ok()
    }
}
