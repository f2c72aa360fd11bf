//! Flags and environment variables.

use super::{Colour, Config, DatabaseUrl, LogFormat, LogLevel, SampleRatio};
use crate::admin::AdminCommand;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use sotto_protocol::rest::server::RegistrationPolicy;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Sotto's server: end-to-end encrypted messaging that anyone can host.
#[derive(Debug, Parser)]
#[command(
    name = "sotto-server",
    version,
    about = "Sotto's server: end-to-end encrypted messaging that anyone can host.",
    long_about = "Sotto's server: end-to-end encrypted messaging that anyone can host.\n\n\
        Without any option it serves the web app and the interface on http://127.0.0.1:7700 and keeps its \
        databases in ./sotto-data. It stores ciphertext, public keys and public profiles, and can read no message.",
    after_help = EXAMPLES,
)]
pub struct Cli {
    /// What to do; without one, serve.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How.
    #[command(flatten)]
    pub options: Options,
}

const EXAMPLES: &str = "\
Options come from flags, then the environment, then the file, then defaults: the first that says something counts.

Examples:
  sotto-server                                       try it: open http://127.0.0.1:7700
  sotto-server --data /var/lib/sotto                 keep the databases there
  sotto-server config > sotto.toml                   write down the effective configuration, to change it
  SOTTO_REGISTRATION=invited sotto-server            take new accounts with an invite code alone
  sotto-server admin invite create                   make an invite code
  sotto-server admin account role alice administrator   make alice the first administrator
  sotto-server --listen 0.0.0.0:443 --tls-certificate fullchain.pem --tls-key privkey.pem

For the internet, give it a certificate (--tls-certificate, --tls-key), or put a proxy with TLS before it, which needs
WebSockets at /v1/ws and the Host header left as it is.";

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve until SIGTERM or SIGINT (the default).
    Serve,
    /// Print the effective configuration as a TOML file, and check it.
    Config,
    /// Administer an installation, while its server runs or not; with the same options as the server.
    #[command(subcommand)]
    Admin(AdminCommand),
}

/// Flags and environment variables. What is absent leaves the file or the default as it is.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// Configuration file in TOML [default: ./sotto.toml, if it is there]
    #[arg(long, short, global = true, env = "SOTTO_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Address and port to listen on [default: 127.0.0.1:7700]
    #[arg(long, short, global = true, env = "SOTTO_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// Certificate in PEM, with those that lead to its authority: speak HTTPS. Read anew when it changes or at SIGHUP
    #[arg(long, global = true, env = "SOTTO_TLS_CERTIFICATE", value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,

    /// Private key of the certificate, in PEM
    #[arg(long, global = true, env = "SOTTO_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Folder for the databases [default: ./sotto-data]
    #[arg(long, short, global = true, env = "SOTTO_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,

    /// Database of accounts [default: sqlite://<data>/sotto.db]
    #[arg(
        long,
        global = true,
        env = "SOTTO_DATABASE",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database: Option<DatabaseUrl>,

    /// Databases of the log, one a shard, separated by commas [default: sqlite://<data>/log-0.db]
    #[arg(
        long,
        global = true,
        env = "SOTTO_LOG",
        hide_env_values = true,
        value_name = "URL,…",
        value_delimiter = ','
    )]
    pub log: Option<Vec<DatabaseUrl>>,

    /// Where encrypted files are kept: file://<folder> or s3://<bucket>/<prefix> [default: file://<data>/blobs]
    #[arg(long, global = true, env = "SOTTO_BLOBS", value_name = "URL")]
    pub blobs: Option<String>,

    /// How nodes of one installation hear of each other: local for a single node, or the URLs of NATS servers, separated by
    /// commas: nats://[user:password@]host[:port], tls://… [default: local]
    #[arg(long, global = true, env = "SOTTO_BUS", value_name = "URL,…")]
    pub bus: Option<String>,

    /// PEM file with the certificates that vouch for the NATS servers [default: the system's]
    #[arg(long, global = true, env = "SOTTO_BUS_CERTIFICATES", value_name = "FILE")]
    pub bus_certificates: Option<PathBuf>,

    /// Who may create an account [default: open]
    #[arg(long, global = true, env = "SOTTO_REGISTRATION", value_name = "WHO")]
    pub registration: Option<WhoRegisters>,

    /// Whether clients do a proof of work before they register, and where many guess passwords [default: on]
    #[arg(long, global = true, env = "SOTTO_CAPTCHA", value_name = "WHETHER")]
    pub captcha: Option<OnOrOff>,

    /// What the server is called [default: Sotto]
    #[arg(long, global = true, env = "SOTTO_SITE_NAME", value_name = "NAME")]
    pub site_name: Option<String>,

    /// Colour of links and buttons, dark enough for words on light paper: #rrggbb [default: the web app's green]
    #[arg(long, global = true, env = "SOTTO_SITE_ACCENT", value_name = "COLOUR")]
    pub site_accent: Option<Colour>,

    /// Logo, in SVG or PNG [default: Sotto's]
    #[arg(long, global = true, env = "SOTTO_SITE_LOGO", value_name = "FILE")]
    pub site_logo: Option<PathBuf>,

    /// Folder with about.md, landing.md, news/2026-11-20-some-title.md and pictures; read when they change [default: none]
    #[arg(long, global = true, env = "SOTTO_SITE_PAGES", value_name = "FOLDER")]
    pub site_pages: Option<PathBuf>,

    /// Switches passkeys on, for the web app at these origins, separated by commas
    #[arg(
        long,
        global = true,
        env = "SOTTO_PASSKEYS",
        value_name = "ORIGIN,…",
        value_delimiter = ','
    )]
    pub passkeys: Option<Vec<String>>,

    /// Origins whose pages may connect beside the server's own, separated by commas
    #[arg(
        long,
        global = true,
        env = "SOTTO_ORIGINS",
        value_name = "ORIGIN,…",
        value_delimiter = ','
    )]
    pub origins: Option<Vec<String>>,

    /// Where browsers find the server, for links that `admin` prints, such as `https://chat.example.org` [default: none]
    #[arg(long, global = true, env = "SOTTO_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Serve this folder instead of the web app in the binary
    #[arg(long, global = true, env = "SOTTO_WEB_DIR", value_name = "FOLDER")]
    pub web_dir: Option<PathBuf>,

    /// How much to log, on standard error [default: info]
    #[arg(long, global = true, env = "SOTTO_LOG_LEVEL", value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,

    /// How the log looks [default: text]
    #[arg(long, global = true, env = "SOTTO_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,

    /// Address and port where Prometheus finds the metrics, at /metrics; keep it from strangers [default: nowhere]
    #[arg(long, global = true, env = "SOTTO_METRICS", value_name = "ADDRESS:PORT")]
    pub metrics: Option<SocketAddr>,

    /// OpenTelemetry collector for traces (OTLP over HTTP), such as `http://127.0.0.1:4318` [default: none]
    #[arg(long, global = true, env = "SOTTO_TRACES", value_name = "URL")]
    pub traces: Option<String>,

    /// Share of requests and messages that is traced [default: 0.01]
    #[arg(long, global = true, env = "SOTTO_TRACES_RATIO", value_name = "0…1")]
    pub traces_ratio: Option<SampleRatio>,
}

/// Who may create an account: [`RegistrationPolicy`], as a flag has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhoRegisters {
    /// Anyone.
    Open,
    /// Whoever has an invite code.
    Invited,
    /// Nobody.
    Closed,
}

/// Whether something is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnOrOff {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl From<WhoRegisters> for RegistrationPolicy {
    fn from(who: WhoRegisters) -> Self {
        match who {
            WhoRegisters::Open => Self::Open,
            WhoRegisters::Invited => Self::Invited,
            WhoRegisters::Closed => Self::Closed,
        }
    }
}

impl Options {
    /// Puts what they say over `config`.
    pub(super) fn apply(&self, config: &mut Config) {
        fn put<T: Clone>(value: Option<&T>, place: &mut T) {
            if let Some(value) = value {
                *place = value.clone();
            }
        }
        put(self.listen.as_ref(), &mut config.network.listen);
        if let Some(certificate) = &self.tls_certificate {
            config
                .network
                .tls
                .get_or_insert_default()
                .certificate
                .clone_from(certificate);
        }
        if let Some(key) = &self.tls_key {
            config.network.tls.get_or_insert_default().key.clone_from(key);
        }
        put(self.data.as_ref(), &mut config.storage.data);
        put(self.database.as_ref(), &mut config.storage.database);
        put(self.log.as_ref(), &mut config.storage.log);
        put(self.blobs.as_ref(), &mut config.blobs.url);
        put(self.bus.as_ref(), &mut config.bus.url);
        put(self.origins.as_ref(), &mut config.web.origins);
        put(self.log_level.as_ref(), &mut config.telemetry.level);
        put(self.log_format.as_ref(), &mut config.telemetry.format);
        if let Some(registration) = self.registration {
            config.registration.policy = registration.into();
        }
        if let Some(captcha) = self.captcha {
            config.captcha.enabled = captcha == OnOrOff::On;
        }
        put(self.site_name.as_ref(), &mut config.site.name);
        if self.site_accent.is_some() {
            config.site.accent = self.site_accent;
        }
        if self.site_logo.is_some() {
            config.site.logo.clone_from(&self.site_logo);
        }
        if self.site_pages.is_some() {
            config.site.pages.clone_from(&self.site_pages);
        }
        if let Some(origins) = &self.passkeys {
            config.passkeys.enabled = true;
            config.passkeys.origins.clone_from(origins);
        }
        if self.metrics.is_some() {
            config.telemetry.metrics = self.metrics;
        }
        if self.traces.is_some() {
            config.telemetry.traces.endpoint.clone_from(&self.traces);
        }
        put(
            self.traces_ratio.as_ref(),
            &mut config.telemetry.traces.sample_ratio,
        );
        if self.bus_certificates.is_some() {
            config.bus.certificates.clone_from(&self.bus_certificates);
        }
        if self.public_url.is_some() {
            config.web.public_url.clone_from(&self.public_url);
        }
        if self.web_dir.is_some() {
            config.web.directory.clone_from(&self.web_dir);
        }
    }
}

/// The variables among `names` that begin with `SOTTO_` but mean nothing to this program: most likely misspelt.
pub fn unknown_variables(names: impl IntoIterator<Item = OsString>) -> Vec<String> {
    let command = Cli::command();
    let known: BTreeSet<_> = command
        .get_arguments()
        .filter_map(clap::Arg::get_env)
        .map(ToOwned::to_owned)
        .collect();
    names
        .into_iter()
        .filter(|name| !known.contains(name))
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with("SOTTO_"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::InviteCommand;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_names_every_variable_and_default() {
        let help = Cli::command().render_long_help().to_string();
        for expected in [
            "SOTTO_LISTEN",
            "127.0.0.1:7700",
            "SOTTO_LOG_LEVEL",
            "SOTTO_TLS_KEY",
            "SOTTO_BUS",
            "sotto-server config",
            "./sotto.toml",
        ] {
            assert!(help.contains(expected), "{expected}");
        }
    }

    #[test]
    fn a_misspelt_variable_is_noticed() {
        let names = ["SOTTO_LISTEN", "SOTTO_LISTN", "PATH"].map(OsString::from);
        assert_eq!(unknown_variables(names), ["SOTTO_LISTN"]);
    }

    #[test]
    fn an_id_may_begin_with_a_hyphen() {
        let id = "-AAAAAAAAAAAAAAAAAAAAA";
        let cli = Cli::parse_from(["sotto-server", "admin", "invite", "revoke", id]);
        let expected = AdminCommand::Invite(InviteCommand::Revoke {
            id: id.parse().unwrap(),
        });
        assert_eq!(cli.command, Some(Command::Admin(expected)));
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let cli = Cli::parse_from(["sotto-server", "--log", "sqlite://a,sqlite://b", "config"]);
        assert_eq!(
            cli.options.log.unwrap(),
            ["sqlite://a", "sqlite://b"].map(DatabaseUrl::from)
        );
        assert_eq!(cli.command, Some(Command::Config));
    }
}
