//! The server as a program.

use clap::Parser as _;
use sotto_server::admin::{self, AdminCommand, AdminError};
use sotto_server::clock::SystemClock;
use sotto_server::config::{Cli, Command, Config, ConfigError, InvalidValue, unknown_variables};
use sotto_server::{Server, StartError, telemetry};
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use tokio::net::TcpListener;

/// What a connection keeps is small and lies, with the system's allocator, between what its HTTP part has freed, for which
/// each then pays several times over. This one keeps sizes apart and gives free pages back (its settings are in
/// `.cargo/config.toml`).
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "sotto-server: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Why the program ends.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Telemetry(#[from] InvalidValue),
    #[error("the configuration cannot be written as TOML")]
    Print(#[from] toml::ser::Error),
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Admin(#[from] AdminError),
}

fn run() -> Result<(), Failure> {
    let cli = Cli::parse();
    let config = Config::load(&cli.options)?;
    match cli.command {
        Some(Command::Config) => {
            let text = config.to_toml()?;
            for finding in sotto_server::site_findings(&config.site) {
                // Nobody may be reading; that is no reason not to print the rest.
                let _ = writeln!(io::stderr(), "{finding}");
            }
            return io::stdout().write_all(text.as_bytes()).map_err(Failure::Output);
        }
        Some(Command::Admin(command)) => return administer(&config, command),
        Some(Command::Serve) | None => {}
    }
    let telemetry = telemetry::start(&config.telemetry)?;
    for name in unknown_variables(std::env::vars_os().map(|(name, _)| name)) {
        tracing::warn!(
            name,
            "this environment variable means nothing to the server; is it misspelt?"
        );
    }
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?
        .block_on(listen(config));
    telemetry.finish();
    ended
}

/// Does what an operator wants, and says so.
fn administer(config: &Config, command: AdminCommand) -> Result<(), Failure> {
    let said = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?
        .block_on(admin::run(config, command, &SystemClock))?;
    io::stdout()
        .write_all(said.result.as_bytes())
        .map_err(Failure::Output)?;
    // Nobody may be reading; it is done all the same.
    let _ = io::stderr().write_all(said.remark.as_bytes());
    Ok(())
}

async fn listen(config: Config) -> Result<(), Failure> {
    let address = config.network.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| Failure::Listen { address, source })?;
    let shutdown = signals().map_err(Failure::Signals)?;
    let address = listener.local_addr().unwrap_or(address);
    let scheme = if config.network.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let server = Server::open(config).await?;
    announce(scheme, address);
    server
        .serve(listener, async {
            shutdown.await;
            tracing::info!("stopping");
        })
        .await;
    Ok(())
}

/// The one line on standard output: what to open.
fn announce(scheme: &str, address: SocketAddr) {
    let ip = match address.ip() {
        ip if ip.is_unspecified() => match ip {
            IpAddr::V4(_) => "127.0.0.1".to_owned(),
            IpAddr::V6(_) => "[::1]".to_owned(),
        },
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    // Nobody may be reading; that is no reason not to serve.
    let _ = writeln!(io::stdout(), "Sotto is ready: {scheme}://{ip}:{}", address.port());
}

/// Ready at the first SIGTERM or SIGINT.
#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ready at Ctrl-C.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
fn signals() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// The error with its causes, a line.
fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
