//! A wire to PostgreSQL that can be cut at a commit.

use crate::test_postgres::PostgresServer;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

/// What PostgreSQL is sent for `COMMIT`: the message `Query`.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";
const SOCKET: &str = ".s.PGSQL.5432";

/// When the wire is cut, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// The server never hears of the commit.
    BeforeCommit = 1,
    /// The client never hears of its success.
    AfterCommit = 2,
}

pub(super) struct Proxy {
    folder: TempDir,
    cut: Arc<AtomicU8>,
}

impl Proxy {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let cut = Arc::new(AtomicU8::new(0));
        let armed = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let socket = PostgresServer::shared().folder().join(SOCKET);
                let server = UnixStream::connect(socket).await.unwrap();
                tokio::spawn(forward(client, server, Arc::clone(&armed)));
            }
        });
        Self { folder, cut }
    }

    /// The folder of the socket, as a host.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn cut(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }

    pub(super) fn was_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst) == 0
    }
}

async fn forward(mut client: UnixStream, mut server: UnixStream, cut: Arc<AtomicU8>) {
    let (mut sent, mut answered) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut sent) => {
                let Ok(read @ 1..) = read else { return };
                let is_commit = sent[..read].ends_with(COMMIT);
                let armed = if is_commit { cut.swap(0, Ordering::SeqCst) } else { 0 };
                if armed == Cut::BeforeCommit as u8 {
                    return;
                }
                server.write_all(&sent[..read]).await.unwrap();
                if armed == Cut::AfterCommit as u8 {
                    // Its answer says that the transaction is durable.
                    let _ = server.read(&mut answered).await;
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(read @ 1..) = read else { return };
                if client.write_all(&answered[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}
