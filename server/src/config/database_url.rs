//! A database's URL. It may have a password, which is never shown.

use serde::{Deserialize, Serialize, Serializer};
use sqlx::postgres::PgConnectOptions;
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What stands in place of a password.
const HIDDEN: &str = "***";
/// What may follow the `?` of a PostgreSQL URL, beside `options[…]`.
const PARAMETERS: [&str; 12] = [
    "application_name",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
    "dbname",
];

/// `sqlite://<file>` or `postgres://<user>@<host>/<database>`. Printed and serialised, its password is left out.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

/// A place that a URL names.
#[derive(Clone, Debug)]
pub(crate) enum DatabasePlace {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl DatabaseUrl {
    /// What comes before `://`.
    pub(crate) fn scheme(&self) -> &str {
        self.0.split_once("://").map_or("", |(scheme, _)| scheme)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The place, or what is wrong with the URL, in words without its secrets.
    pub(super) fn place(&self) -> Result<DatabasePlace, String> {
        if let Some(file) = self.0.strip_prefix("sqlite://").filter(|file| !file.is_empty()) {
            return Ok(DatabasePlace::Sqlite(file.into()));
        }
        if !self.is_postgres() {
            return Err(format!(
                "expected sqlite://<file> or postgres://<user>@<host>/<database>, not {self}"
            ));
        }
        let is_known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
        if self.parameters().any(|(name, _)| !is_known(name)) {
            return Err(format!(
                "{self} has a parameter that is not known; known are {} and options[…]",
                PARAMETERS.join(", ")
            ));
        }
        if self.has_hidden_password() {
            return Err(format!(
                "{self} was printed without its password: put that back, or keep it in a password file (PGPASSFILE)"
            ));
        }
        PgConnectOptions::from_str(&self.0)
            .map(|options| DatabasePlace::Postgres(Box::new(options)))
            .map_err(|_| format!("{self} is not a URL that PostgreSQL would take"))
    }

    fn is_postgres(&self) -> bool {
        ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| self.0.starts_with(scheme))
    }

    fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters = self.0.split_once('?').map(|(_, parameters)| parameters);
        parameters.into_iter().flat_map(parameters_of)
    }

    /// What may be a password: all from the first colon of the authority to the last `@`, for people forget to escape.
    fn password(&self) -> Option<(&str, &str, &str)> {
        if self.0.starts_with("sqlite:") {
            return None;
        }
        let authority = self.0.find("://")? + 3;
        let (credentials, rest) = self.0.split_at_checked(self.0.rfind('@')?)?;
        let colon = authority + credentials.get(authority..)?.find(':')?;
        Some((credentials.get(..colon)?, credentials.get(colon + 1..)?, rest))
    }

    fn has_hidden_password(&self) -> bool {
        let parameter = self
            .parameters()
            .any(|parameter| parameter == ("password", HIDDEN));
        parameter || self.password().is_some_and(|(_, password, _)| password == HIDDEN)
    }
}

fn parameters_of(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&')
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = match self.password() {
            Some((before, _, rest)) => {
                write!(f, "{before}:{HIDDEN}")?;
                rest
            }
            None => &self.0,
        };
        let Some((before, parameters)) = rest.split_once('?').filter(|_| self.is_postgres()) else {
            return f.write_str(rest);
        };
        f.write_str(before)?;
        for (position, (name, value)) in parameters_of(parameters).enumerate() {
            let value = if name == "password" { HIDDEN } else { value };
            write!(f, "{}{name}={value}", if position == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl From<&str> for DatabaseUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(url: &str) -> Result<Self, Infallible> {
        Ok(url.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://sotto:sesame@db/sotto",
                "postgres://sotto:***@db/sotto",
            ),
            (
                "postgres://sotto:ses@me/@db:1/x?sslmode=require",
                "postgres://sotto:***@db:1/x?sslmode=require",
            ),
            (
                "postgres://db/x?user=a&password=sesame&port=1",
                "postgres://db/x?user=a&password=***&port=1",
            ),
            ("postgres://sotto:sesame", "postgres://sotto:sesame"),
            ("postgres://sotto:ses?me@db/x", "postgres://sotto:***@db/x"),
            ("postgres://sotto@db/x", "postgres://sotto@db/x"),
            ("sqlite:///var/lib/a:b@c?.db", "sqlite:///var/lib/a:b@c?.db"),
            ("", ""),
        ] {
            let url = DatabaseUrl::from(url);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("\"{shown}\""));
            assert_eq!(toml::Value::try_from(&url).unwrap().as_str(), Some(shown));
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        for url in [
            "mysql://sotto:sesame@db/x",
            "postgres://sotto:sesame@db/x?sslmod=require",
            "postgres://sotto:ses?sesame@db/x",
            "postgres://sotto:sesame@db:port/x",
            "postgres://sotto:sesame@db/x?sslmode=sure",
        ] {
            let wrong = DatabaseUrl::from(url).place().unwrap_err();
            assert!(!wrong.contains("sesame"), "{wrong}");
            assert!(wrong.contains("***@db"), "{wrong}");
        }
    }

    #[test]
    fn a_url_that_was_printed_without_its_password_is_not_tried() {
        let printed = DatabaseUrl::from("postgres://sotto:sesame@db/x").to_string();
        let wrong = DatabaseUrl::from(printed).place().unwrap_err();
        assert!(wrong.contains("password"), "{wrong}");
    }
}
