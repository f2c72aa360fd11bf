//! A server without sockets, for simulations: requests go in as values and connections are queues of frames, and all between
//! them and the databases is what [`Server`](crate::Server) runs.
//!
//! In a tokio runtime of one thread whose time is paused, everything that it does follows from what it is given: its databases
//! take no time ([`AtOnce`]), its clock is an argument. What it draws at random (tokens, OPAQUE) shows in no decision.

mod at_once;

pub use at_once::AtOnce;

use crate::app::{App, Backend};
use crate::clock::Clock;
use crate::config::{Config, Databases, InvalidValue};
use crate::delivery::{self, DeliveryError, Intake};
use crate::server::{StartError, app};
use crate::store::pacing::Pacing as _;
use crate::store::sqlite::{SqliteAccounts, SqliteLog, SqliteStores};
use crate::store::{LogStore as _, PageRange, StoreError};
use crate::telemetry::Measured;
use crate::{archive, housekeeping, http, ws};
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, Entry, MalformedFrame};
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode, Seq, limits};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::task::AbortHandle;
use tower::ServiceExt as _;

/// SQLite, waited for at once.
struct Embedded;

impl Backend for Embedded {
    type Accounts = Measured<SqliteAccounts, AtOnce>;
    type Log = Measured<SqliteLog, AtOnce>;
}

/// A server without sockets. See the [module](self).
pub struct EmbeddedServer {
    app: App<Embedded>,
    router: Router,
    stores: SqliteStores,
    pacing: AtOnce,
    housekeeping: AbortHandle,
}

impl EmbeddedServer {
    /// Opens the databases that the configuration names, which have to be SQLite's, and starts everything that works on them in
    /// the current runtime.
    pub async fn open(config: Config, clock: Arc<dyn Clock>, pacing: AtOnce) -> Result<Self, StartError> {
        let Databases::Sqlite { accounts, logs } = config.storage.databases()? else {
            return Err(InvalidValue::new("storage.database", "an embedded server has SQLite's").into());
        };
        let stores = pacing.pace(SqliteStores::open_files(&accounts, &logs)).await?;
        let app = app(config, &stores.accounts, &stores.logs, pacing.clone(), clock).await?;
        let background = {
            let app = app.clone();
            async move { tokio::join!(housekeeping::run(app.clone()), archive::keep_clear(app)) }
        };
        Ok(Self {
            router: http::router(app.clone()),
            housekeeping: tokio::spawn(background).abort_handle(),
            app,
            stores,
            pacing,
        })
    }

    /// Answers a request, as if it had come over HTTP from this machine itself.
    pub async fn answer(&self, request: ::http::Request<Bytes>) -> ::http::Response<Bytes> {
        let answer = self.router.clone().oneshot(request.map(Body::from)).await;
        let Ok(answer) = answer;
        let (head, body) = answer.into_parts();
        // It is in memory already: nothing cuts it short.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        ::http::Response::from_parts(head, body)
    }

    /// Lets a device in by its access token, as an upgrade to a WebSocket does.
    pub async fn connect(&self, token: &str) -> Result<EmbeddedConnection, ProblemCode> {
        let connection = ws::admit(&self.app, token, || Ok(()))
            .await
            .map_err(|problem| problem.code())?
            .connection;
        Ok(EmbeddedConnection {
            app: self.app.clone(),
            connection,
        })
    }

    /// The devices that are in a chat, in no order, as the Delivery Service knows them; `None` if there is no such chat.
    pub async fn members(&self, chat: ChatId) -> Result<Option<Vec<DeviceAddress>>, StoreError> {
        for log in &self.stores.logs {
            if let Some(members) = self.pacing.pace(log.members(chat)).await? {
                return Ok(Some(members.devices.clone()));
            }
        }
        Ok(None)
    }

    /// All entries of a chat, as a device is shown them that is in it; `None` if it is not.
    pub async fn entries(
        &self,
        chat: ChatId,
        device: DeviceAddress,
    ) -> Result<Option<Vec<Entry>>, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let range = PageRange {
                after: Some(entries.last().map_or(Seq::ZERO, |entry| entry.seq)),
                before: None,
                limit: limits::PAGE_ENTRIES,
            };
            let page = match self.app.delivery.page(device, chat, range).await {
                Ok(page) => page,
                Err(DeliveryError::Store(error)) => return Err(error),
                Err(DeliveryError::Refused(_)) => return Ok(None),
            };
            if page.entries.is_empty() {
                return Ok(Some(entries));
            }
            entries.extend(page.entries);
        }
    }

    /// The last entry of a chat, as a device is told that is in it; `None` if it is not.
    pub async fn last(&self, chat: ChatId, device: DeviceAddress) -> Result<Option<Seq>, StoreError> {
        let range = PageRange {
            after: None,
            before: None,
            limit: 1,
        };
        match self.app.delivery.page(device, chat, range).await {
            Ok(page) => Ok(Some(page.last)),
            Err(DeliveryError::Store(error)) => Err(error),
            Err(DeliveryError::Refused(_)) => Ok(None),
        }
    }

    /// Stops in order: writes and answers what was taken, says goodbye to every connection, closes the databases.
    pub async fn shutdown(&self) {
        self.housekeeping.abort();
        self.app.blobs.stop();
        self.app.delivery.shutdown().await;
        self.pacing.pace(self.stores.close()).await;
    }

    /// Ends as a process does that is killed: nothing is written from now on, answered or sent. The databases' files are as a
    /// server finds them that starts after it; copy them, as these stay open.
    pub fn kill(&self) {
        self.housekeeping.abort();
        self.pacing.kill();
    }
}

/// A device's connection to an [`EmbeddedServer`]. Dropping it unregisters the device.
pub struct EmbeddedConnection {
    app: App<Embedded>,
    connection: delivery::Connection<Measured<SqliteAccounts, AtOnce>, Measured<SqliteLog, AtOnce>>,
}

impl EmbeddedConnection {
    /// Where the device's frames go in.
    #[must_use]
    pub fn intake(&self) -> EmbeddedIntake {
        EmbeddedIntake {
            app: self.app.clone(),
            intake: self.connection.intake().clone(),
        }
    }

    /// Waits for frames to the device; a goodbye is the last, and after it comes `None`. Dropping the future loses none.
    pub async fn next(&mut self) -> Option<VecDeque<Bytes>> {
        self.connection.next().await
    }
}

/// Where a device's frames go in.
pub struct EmbeddedIntake {
    app: App<Embedded>,
    intake: Intake<Measured<SqliteAccounts, AtOnce>, Measured<SqliteLog, AtOnce>>,
}

impl EmbeddedIntake {
    /// Takes a frame of the device. The next may be given when the future is ready.
    pub async fn take(&self, frame: Bytes) -> Result<(), MalformedFrame> {
        let frame = ClientFrame::decode(&frame)?;
        if let ClientFrame::Commit { request, added, .. } = &frame {
            let (request, added) = (*request, added.clone());
            ws::take_commit(&self.app, &self.intake, request, &added, frame).await;
        } else {
            self.intake.receive(frame).await;
        }
        Ok(())
    }
}
