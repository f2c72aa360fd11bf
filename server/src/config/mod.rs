//! The server's configuration: flags before environment before file before defaults.
//!
//! A section a file, each with its own `validate`. Every error names the key and says what would be right.

mod address_range;
mod archive;
mod blobs;
mod bus;
mod captcha;
mod colour;
mod communities;
mod database_url;
mod limits;
mod network;
mod oidc;
mod options;
mod passkeys;
mod postgres;
mod push;
mod registration;
mod reports;
mod site;
mod sizes;
mod storage;
mod telemetry;
mod timeouts;
mod traces;
mod web;

pub use address_range::{AddressRange, InvalidRange};
pub use archive::Archive;
pub(crate) use blobs::BlobLocation;
pub use blobs::{Blobs, Credential, S3};
pub use bus::Bus;
pub use captcha::Captcha;
pub use colour::{Colour, InvalidColour};
pub use communities::Communities;
pub use database_url::DatabaseUrl;
pub use limits::{Limits, Rate};
pub use network::{Network, Tls};
pub use oidc::Oidc;
pub(crate) use oidc::{is_loopback, secure_url};
pub use options::{Cli, Command, Options, unknown_variables};
pub use passkeys::Passkeys;
pub use postgres::Postgres;
pub use push::Push;
pub use registration::Registration;
pub use reports::Reports;
pub use site::Site;
pub use sizes::Sizes;
pub(crate) use storage::Databases;
pub use storage::Storage;
pub use telemetry::{LogFormat, LogLevel, Telemetry};
pub use timeouts::Timeouts;
pub use traces::{InvalidSampleRatio, SampleRatio, Traces};
pub use web::Web;

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the configuration file is looked for if no flag names one.
pub const DEFAULT_FILE: &str = "sotto.toml";

/// All that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens.
    pub network: Network,
    /// Where it keeps things.
    pub storage: Storage,
    /// Encrypted files.
    pub blobs: Blobs,
    /// How much of its history an account may archive.
    pub archive: Archive,
    /// How it hears of other nodes.
    pub bus: Bus,
    /// How devices that are not connected are woken.
    pub push: Push,
    /// Who may create an account.
    pub registration: Registration,
    /// What members report.
    pub reports: Reports,
    /// What communities can be about.
    pub communities: Communities,
    /// A proof of work against robots.
    pub captcha: Captcha,
    /// What the operator says: name, colours, logo, pages and news.
    pub site: Site,
    /// Logins without a password.
    pub passkeys: Passkeys,
    /// Logins at an OpenID provider.
    pub oidc: Oidc,
    /// The web app, and the pages that may use the interface.
    pub web: Web,
    /// How long strangers may take.
    pub timeouts: Timeouts,
    /// How much in a short time, and how many at a time.
    pub limits: Limits,
    /// How large what strangers send may be, and how much may wait.
    pub sizes: Sizes,
    /// What an operator sees of the server.
    pub telemetry: Telemetry,
}

/// The configuration cannot be used. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that a flag or the environment names cannot be read.
    #[error("cannot read the configuration file {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML, or has a key that does not exist or a value of another type.
    #[error("{}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and what, with the line.
        message: String,
    },
    /// A value is out of its bounds.
    #[error(transparent)]
    Invalid(#[from] InvalidValue),
}

/// A value is out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct InvalidValue {
    /// The key as the file has it: `section.key`.
    pub key: &'static str,
    /// What would be right.
    pub reason: String,
}

impl InvalidValue {
    pub(crate) fn new(key: &'static str, reason: impl Into<String>) -> Self {
        Self {
            key,
            reason: reason.into(),
        }
    }
}

impl Config {
    /// The effective configuration: what `options` say, over the file, over the defaults.
    pub fn load(options: &Options) -> Result<Self, ConfigError> {
        let file = match &options.config {
            Some(path) => Some((path.as_path(), read(path)?)),
            None => match read(Path::new(DEFAULT_FILE)) {
                Ok(text) => Some((Path::new(DEFAULT_FILE), text)),
                Err(ConfigError::Unreadable { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound =>
                {
                    None
                }
                Err(error) => return Err(error),
            },
        };
        let mut config = match file {
            Some((path, text)) => toml::from_str(&text).map_err(|error| ConfigError::Malformed {
                path: path.to_owned(),
                message: error.to_string(),
            })?,
            None => Self::default(),
        };
        options.apply(&mut config);
        config.resolve();
        config.validate()?;
        Ok(config)
    }

    /// The defaults with everything kept in `directory`: for tests and trials.
    #[must_use]
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        let mut config = Self::default();
        config.storage.data = directory.into();
        config.resolve();
        config
    }

    /// Fills in what follows from other values.
    fn resolve(&mut self) {
        self.storage.resolve();
        self.blobs.resolve(&self.storage.data);
    }

    /// Checks every section.
    pub fn validate(&self) -> Result<(), InvalidValue> {
        self.network.validate()?;
        self.storage.validate()?;
        self.blobs.validate()?;
        self.archive.validate()?;
        self.bus.validate()?;
        self.push.validate()?;
        self.reports.validate()?;
        self.communities.validate()?;
        self.captcha.validate()?;
        self.site.validate()?;
        self.passkeys.validate()?;
        self.oidc.validate()?;
        self.web.validate()?;
        self.timeouts.validate()?;
        self.limits.validate()?;
        self.sizes.validate()?;
        self.telemetry.validate()
    }

    /// The configuration as a TOML file that would give it.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use sotto_protocol::rest::server::RegistrationPolicy;

    fn load(file: &str, arguments: &[&str]) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sotto.toml");
        std::fs::write(&path, file).unwrap();
        let path = path.to_str().unwrap();
        let arguments = ["sotto-server", "--config", path]
            .into_iter()
            .chain(arguments.iter().copied());
        Config::load(&Cli::parse_from(arguments).options)
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let file = "[network]\nlisten = \"127.0.0.1:1000\"\n[registration]\npolicy = \"invited\"\n";
        let config = load(file, &["--listen", "127.0.0.1:2000"]).unwrap();
        assert_eq!(config.network.listen, "127.0.0.1:2000".parse().unwrap());
        assert_eq!(config.registration.policy, RegistrationPolicy::Invited);
        assert_eq!(config.timeouts, Timeouts::default());
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it_and_its_line() {
        for file in [
            "[network]\nlissten = \"127.0.0.1:1\"",
            "\nlissten = 1",
            "[lissten]\n",
        ] {
            let error = load(file, &[]).unwrap_err().to_string();
            assert!(error.contains("lissten"), "{error}");
            assert!(error.contains("sotto.toml"), "{error}");
            assert!(error.contains("line"), "{error}");
        }
    }

    #[test]
    fn a_file_that_a_flag_names_has_to_exist() {
        let options = Cli::parse_from(["sotto-server", "--config", "/does/not/exist.toml"]).options;
        assert!(matches!(
            Config::load(&options),
            Err(ConfigError::Unreadable { .. })
        ));
    }

    #[test]
    fn the_effective_configuration_is_a_file_that_gives_it_again() {
        let flags = [
            "--data",
            "/var/lib/sotto",
            "--registration",
            "closed",
            "--captcha",
            "off",
        ];
        let config = load("", &flags).unwrap();
        assert!(!config.captcha.enabled);
        let again: Config = toml::from_str(&config.to_toml().unwrap()).unwrap();
        assert_eq!(again, config);
        assert_eq!(config.blobs.url, "file:///var/lib/sotto/blobs");
        assert_eq!(config.storage.database, "sqlite:///var/lib/sotto/sotto.db".into());
    }

    #[test]
    fn a_certificate_without_a_key_is_refused_wherever_they_are_named() {
        let file = "[network.tls]\ncertificate = \"a.crt\"\nkey = \"a.key\"\n";
        let config = load(file, &["--tls-key", "b.key"]).unwrap();
        let expected = Tls {
            certificate: "a.crt".into(),
            key: "b.key".into(),
        };
        assert_eq!(config.network.tls, Some(expected));
        assert!(load("[network.tls]\ncertificate = \"a.crt\"", &[]).is_err());
        let error = load("", &["--tls-certificate", "a.crt"]).unwrap_err().to_string();
        assert!(error.contains("network.tls.key"), "{error}");
    }

    #[test]
    fn a_value_out_of_bounds_names_its_key() {
        let cases = [
            ("[timeouts]\nheader_seconds = 0", "timeouts.header_seconds"),
            ("[timeouts]\nwrite_seconds = 4000", "timeouts.write_seconds"),
            ("[archive]\nbytes_max = 0", "archive.bytes_max: at least 1"),
            ("[reports]\nkept_days = 4000", "reports.kept_days: at most 3650"),
            ("[captcha]\nleast = 0", "captcha.least: 1 to"),
            (
                "[captcha]\nleast = 10\nmost = 9",
                "captcha.most: 10 (captcha.least) to",
            ),
            ("[sizes]\nqueue_bytes = 1000", "sizes.queue_bytes: 8388608 to"),
            ("[sizes]\nframe_bytes = 100000000", "sizes.frame_bytes"),
        ];
        for (file, expected) in cases {
            let error = load(file, &[]).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
