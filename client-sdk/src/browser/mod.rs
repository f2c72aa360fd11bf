//! The client in a browser, in a page or a Worker: IndexedDB, fetch, WebSocket, WebCrypto.
//!
//! The page has to come over https or from localhost: elsewhere browsers have neither WebCrypto nor Web Locks.

mod clock;
mod connection;
mod fetch;
mod file;
mod global;
mod indexed_db;
mod request;
mod store_key;
mod web_lock;

pub use clock::BrowserClock;
pub use connection::{WebSocketConnection, WebSocketSink, WebSocketSource};
pub use fetch::{FetchTransport, InvalidServer};
pub use file::file_of;
pub use indexed_db::IndexedDbStore;

use crate::platform::{MaybeSend, Platform};

/// The browser platform.
#[derive(Debug)]
pub enum Browser {}

impl Platform for Browser {
    type Transport = FetchTransport;
    type Store = IndexedDbStore;
    type Clock = BrowserClock;

    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
        wasm_bindgen_futures::spawn_local(task);
    }
}
