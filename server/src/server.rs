//! From a configuration to a server that runs, and from there to one that has stopped.

use crate::admin;
use crate::app::{AccountsDatabase, App, Backend, Parts};
use crate::auth::{AuthSecrets, LiveSessions, Passkeys, SecretsError};
use crate::blob::{Blobs, OpenBlobsError};
use crate::bus::{Bus, BusKey, NetworkError};
use crate::captcha::Abuse;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Databases, InvalidValue};
use crate::delivery::{BusConnector, Delivery, DeliverySettings};
use crate::http::AnswerCache;
use crate::limit::{AddressConnections, Limits};
use crate::oidc::{FetcherError, OpenIdProvider};
use crate::picture::Pictures;
use crate::push::{Push, PushError};
use crate::site::Site;
use crate::store::pacing::{AsItComes, Pacing};
use crate::store::postgres::{PostgresAccounts, PostgresLog, PostgresStores};
use crate::store::sqlite::{SqliteAccounts, SqliteLog, SqliteStores};
use crate::store::{LogStore, StoreError};
use crate::telemetry::{Measured, MetricsEndpoint, Readiness};
use crate::tls::{Tls, TlsError};
use crate::web::Assets;
use crate::{archive, housekeeping, http, listener, push, telemetry};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// Devices whose tokens are being checked at a time: more would not be quicker, and messages would wait behind them.
const ARRIVALS: usize = 16;

/// Why the server cannot start. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] InvalidValue),
    /// A database cannot be opened.
    #[error("cannot open the databases")]
    Store(#[from] StoreError),
    /// Blobs cannot be kept where the configuration says.
    #[error("cannot keep encrypted files")]
    Blobs(#[from] OpenBlobsError),
    /// The server's own secrets cannot be had.
    #[error("cannot read the server's own secrets")]
    Secrets(#[from] SecretsError),
    /// Devices can never be woken as it is configured.
    #[error("cannot wake devices")]
    Push(#[from] PushError),
    /// The OpenID provider can never be asked as it is configured.
    #[error("cannot ask the OpenID provider")]
    Oidc(#[from] FetcherError),
    /// The bus can never be reached as it is configured.
    #[error(transparent)]
    Bus(#[from] NetworkError),
    /// Nobody can be let to the metrics there.
    #[error("cannot listen on {address} for the metrics")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The certificate cannot be used.
    #[error("cannot speak TLS")]
    Tls(#[from] TlsError),
}

/// Starts the Delivery Service, alone or among other nodes.
async fn start_delivery<A: AccountsDatabase, L: LogStore>(
    accounts: &A,
    logs: Vec<L>,
    config: &Config,
    clock: Arc<dyn Clock>,
    live_sessions: Arc<LiveSessions>,
) -> Result<Delivery<A, L>, StartError> {
    let settings = DeliverySettings {
        chats_begun_per_day: config.limits.chats_begun_per_day,
        queue_bytes: config.sizes.queue_bytes,
        outbox_frames: config.sizes.outbox_frames,
        outbox_bytes: config.sizes.outbox_bytes,
        heartbeat: config.timeouts.idle() / 2,
    };
    let Some(network) = config.bus.nats()? else {
        return Ok(Delivery::start(accounts.clone(), logs, clock, settings));
    };
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let key = BusKey::load(accounts, &mut rng)
        .await?
        .ok_or(SecretsError::Unreadable(BusKey::NAME))?;
    let bus = Bus::new(&key, &mut rng, Arc::clone(&clock));
    let delivery = Delivery::start_in_cluster(
        accounts.clone(),
        logs,
        clock,
        settings,
        BusConnector { bus, network },
        Arc::new(move |device| live_sessions.ended(device)),
    )
    .await?;
    Ok(delivery)
}

/// SQLite for accounts and log.
struct Sqlite;

impl Backend for Sqlite {
    type Accounts = Measured<SqliteAccounts>;
    type Log = Measured<SqliteLog>;
}

/// PostgreSQL for accounts and log.
struct Postgres;

impl Backend for Postgres {
    type Accounts = Measured<PostgresAccounts>;
    type Log = Measured<PostgresLog>;
}

/// A server whose databases are open, ready to serve.
pub struct Server {
    databases: Opened,
    metrics: Option<MetricsEndpoint>,
    tls: Option<Arc<Tls>>,
}

/// The databases, by kind, and what works on them.
enum Opened {
    Sqlite(App<Sqlite>, SqliteStores),
    Postgres(App<Postgres>, Box<PostgresStores>),
}

impl Server {
    /// Opens the databases, and creates or migrates what is missing.
    pub async fn open(config: Config) -> Result<Self, StartError> {
        telemetry::starting(&config);
        let metrics = match config.telemetry.metrics {
            Some(address) => {
                let endpoint = MetricsEndpoint::bind(address)
                    .await
                    .map_err(|source| StartError::Metrics { address, source })?;
                Some(endpoint)
            }
            None => None,
        };
        let tls = config
            .network
            .tls
            .as_ref()
            .map(Tls::load)
            .transpose()?
            .map(Arc::new);
        let begun = Instant::now();
        let databases = match config.storage.databases()? {
            Databases::Sqlite { accounts, logs } => {
                let stores = SqliteStores::open_files(&accounts, &logs).await?;
                opened(begun);
                let app = app(
                    config,
                    &stores.accounts,
                    &stores.logs,
                    AsItComes,
                    Arc::new(SystemClock),
                )
                .await?;
                Opened::Sqlite(app, stores)
            }
            Databases::Postgres { accounts, logs } => {
                let settings = config.storage.postgres.settings();
                let stores = PostgresStores::open(&accounts, &logs, settings).await?;
                opened(begun);
                let app = app(
                    config,
                    &stores.accounts,
                    &stores.logs,
                    AsItComes,
                    Arc::new(SystemClock),
                )
                .await?;
                Opened::Postgres(app, Box::new(stores))
            }
        };
        Ok(Self {
            databases,
            metrics,
            tls,
        })
    }

    /// Where the metrics are to be had, if anywhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(MetricsEndpoint::address)
    }

    /// Serves until `shutdown`. Then it says that it is not ready, waits for load balancers to notice, stops accepting,
    /// lets the requests that are under way end, writes and answers what was taken over WebSockets, and says goodbye to
    /// them: what was acknowledged is durable, and what was not is the client's to repeat.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let Self {
            databases,
            metrics,
            tls,
        } = self;
        match databases {
            Opened::Sqlite(app, stores) => {
                serve(app, metrics, tls, listener, shutdown).await;
                stores.close().await;
            }
            Opened::Postgres(app, stores) => {
                serve(app, metrics, tls, listener, shutdown).await;
                stores.close().await;
            }
        }
        tracing::info!("stopped");
    }
}

fn opened(begun: Instant) {
    tracing::info!(millis = begun.elapsed().as_millis(), "the databases are open");
}

/// Everything that works on the databases, started.
pub(crate) async fn app<A, L, P, B>(
    config: Config,
    accounts: &A,
    logs: &[L],
    pacing: P,
    clock: Arc<dyn Clock>,
) -> Result<App<B>, StartError>
where
    A: AccountsDatabase,
    L: LogStore + Clone,
    P: Pacing,
    B: Backend<Accounts = Measured<A, P>, Log = Measured<L, P>>,
{
    let accounts = Measured(accounts.clone(), pacing.clone());
    let logs = logs
        .iter()
        .map(|log| Measured(log.clone(), pacing.clone()))
        .collect();
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let auth = AuthSecrets::load(&accounts, &mut rng, Arc::clone(&clock)).await?;
    let live_sessions = Arc::new(LiveSessions::default());
    let delivery = start_delivery(
        &accounts,
        logs,
        &config,
        Arc::clone(&clock),
        Arc::clone(&live_sessions),
    )
    .await?;
    let blobs = Blobs::open(accounts.clone(), config.blobs.clone(), Arc::clone(&clock)).await?;
    let push = Push::open(&accounts, config.push.clone(), Arc::clone(&clock)).await?;
    let assets = match &config.web.directory {
        Some(folder) => Assets::Folder(folder.clone()),
        None => Assets::Embedded,
    };
    let site = Site::open(config.site.clone(), clock.now())?;
    Ok(App::new(Parts {
        accounts,
        delivery,
        blobs,
        pictures: Pictures::new(),
        push,
        auth,
        passkeys: Passkeys::new(&config.passkeys),
        oidc: OpenIdProvider::open(&config.oidc, Arc::clone(&clock))?,
        live_sessions,
        limits: Limits::new(&config.limits),
        abuse: Abuse::new(config.limits.keys_max),
        connections: AddressConnections::new(
            config.limits.connections_per_address,
            &config.network.trusted_proxies,
        ),
        assets,
        answers: AnswerCache::new(config.sizes.answer_cache_bytes),
        site,
        readiness: Readiness::new(),
        config,
        clock,
        sockets: TaskTracker::new(),
        arrivals: Semaphore::new(ARRIVALS),
    }))
}

async fn serve<B: Backend>(
    app: App<B>,
    metrics: Option<MetricsEndpoint>,
    tls: Option<Arc<Tls>>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    match listener.local_addr() {
        Ok(address) => tracing::info!(%address, "listening"),
        Err(error) => tracing::warn!(%error, "listening, but where is not known"),
    }
    if let Some(metrics) = &metrics {
        tracing::info!(address = %metrics.address(), "listening for who reads the metrics");
    }
    let timeouts = &app.config.timeouts;
    let connections_max = app.config.network.connections_max;
    let housekeeping = tokio::spawn(housekeeping::run(app.clone()));
    let following = tokio::spawn(admin::follow(app.clone()));
    let clearing = tokio::spawn(app.blobs.clone().keep_clear());
    let waking = tokio::spawn(push::run(app.clone(), app.delivery.listen_to_wakes()));
    let sweeping = tokio::spawn(archive::keep_clear(app.clone()));
    let watch = tokio::spawn({
        let app = app.clone();
        async move { app.readiness.watch(|| http::look(&app)).await }
    });
    let metrics = metrics.map(|endpoint| {
        tokio::spawn(endpoint.serve({
            let delivery = app.delivery.clone();
            move || delivery.measure()
        }))
    });
    let shutdown = async {
        shutdown.await;
        app.readiness.stop();
        tokio::time::sleep(timeouts.drain()).await;
        app.blobs.stop();
    };
    let certificate = tls
        .clone()
        .map(|tls| tokio::spawn(async move { tls.keep_up_to_date().await }));
    listener::accept(
        listener,
        http::router(app.clone()),
        tls.as_deref(),
        timeouts,
        connections_max,
        &app.connections,
        shutdown,
    )
    .await;

    housekeeping.abort();
    following.abort();
    clearing.abort();
    sweeping.abort();
    waking.abort();
    watch.abort();
    if let Some(certificate) = certificate {
        certificate.abort();
    }
    app.delivery.shutdown().await;
    app.sockets.close();
    if tokio::time::timeout(timeouts.shutdown(), app.sockets.wait())
        .await
        .is_err()
    {
        tracing::warn!("connections were still open when the server stopped");
    }
    if tokio::time::timeout(timeouts.shutdown(), app.blobs.stopped())
        .await
        .is_err()
    {
        tracing::warn!("uploads were still being kept when the server stopped");
    }
    if let Some(metrics) = metrics {
        metrics.abort();
    }
}
