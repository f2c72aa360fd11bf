//! `[storage]`: the databases.

use super::database_url::DatabasePlace;
use super::{DatabaseUrl, InvalidValue, Postgres};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;
use std::path::PathBuf;

/// Where the server keeps things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// The folder for databases that no URL is given for.
    pub data: PathBuf,
    /// The database of accounts: `sqlite://<file>` or `postgres://<user>@<host>/<database>`. Empty: `sotto.db` in `data`.
    pub database: DatabaseUrl,
    /// The databases of the log, one a shard, of the same kind. Empty: `log-0.db` in `data`. A shard may be added at the
    /// end of the list; the order never changes, and none is ever taken away.
    pub log: Vec<DatabaseUrl>,
    /// Connections to PostgreSQL.
    pub postgres: Postgres,
}

/// The databases of an installation: all of one kind.
#[derive(Clone, Debug)]
pub(crate) enum Databases {
    /// One node.
    Sqlite { accounts: PathBuf, logs: Vec<PathBuf> },
    /// Any number of nodes.
    Postgres {
        accounts: Box<PgConnectOptions>,
        logs: Vec<PgConnectOptions>,
    },
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            data: PathBuf::from("sotto-data"),
            database: DatabaseUrl::default(),
            log: Vec::new(),
            postgres: Postgres::default(),
        }
    }
}

impl Storage {
    /// Fills in what follows from `data`.
    pub(super) fn resolve(&mut self) {
        if self.database.is_empty() {
            self.database = self.in_data("sotto.db");
        }
        if self.log.is_empty() {
            self.log = vec![self.in_data("log-0.db")];
        }
    }

    fn in_data(&self, file: &str) -> DatabaseUrl {
        format!("sqlite://{}", self.data.join(file).display()).into()
    }

    /// The databases that the URLs name.
    pub(crate) fn databases(&self) -> Result<Databases, InvalidValue> {
        let wrong = |key: &'static str| move |reason| InvalidValue::new(key, reason);
        let accounts = self.database.place().map_err(wrong("storage.database"))?;
        let logs = self.log.iter().map(DatabaseUrl::place);
        let logs: Vec<DatabasePlace> = logs.collect::<Result<_, _>>().map_err(wrong("storage.log"))?;
        let mixed = || {
            let reason =
                "accounts and log have to be in databases of one kind, all sqlite:// or all postgres://";
            InvalidValue::new("storage.log", reason)
        };
        match accounts {
            DatabasePlace::Sqlite(accounts) => {
                let logs = logs.into_iter().map(|place| match place {
                    DatabasePlace::Sqlite(file) => Ok(file),
                    DatabasePlace::Postgres(_) => Err(mixed()),
                });
                Ok(Databases::Sqlite {
                    accounts,
                    logs: logs.collect::<Result<_, _>>()?,
                })
            }
            DatabasePlace::Postgres(accounts) => {
                let logs = logs.into_iter().map(|place| match place {
                    DatabasePlace::Postgres(options) => Ok(*options),
                    DatabasePlace::Sqlite(_) => Err(mixed()),
                });
                Ok(Databases::Postgres {
                    accounts,
                    logs: logs.collect::<Result<_, _>>()?,
                })
            }
        }
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        self.databases()?;
        self.postgres.validate()?;
        if self.log.len() > usize::from(u16::MAX) {
            return Err(InvalidValue::new("storage.log", "too many shards"));
        }
        for (position, url) in self.log.iter().enumerate() {
            if *url == self.database || self.log.iter().take(position).any(|earlier| earlier == url) {
                return Err(InvalidValue::new(
                    "storage.log",
                    format!("{url} is named twice; every shard has a database of its own"),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storage(database: &str, log: &[&str]) -> Storage {
        Storage {
            database: database.into(),
            log: log.iter().map(|&url| url.into()).collect(),
            ..Storage::default()
        }
    }

    #[test]
    fn urls_that_are_not_given_follow_the_data_folder() {
        let mut storage = storage("", &[]);
        storage.data = PathBuf::from("here");
        storage.resolve();
        let Databases::Sqlite { accounts, logs } = storage.databases().unwrap() else {
            panic!("the default is the embedded database");
        };
        assert_eq!(accounts, PathBuf::from("here/sotto.db"));
        assert_eq!(logs, [PathBuf::from("here/log-0.db")]);
    }

    #[test]
    fn an_unknown_kind_of_database_is_refused() {
        for url in ["mysql://x", "sqlite://", "sotto.db", ""] {
            assert!(storage(url, &["sqlite://log"]).validate().is_err(), "{url}");
            assert!(storage("sqlite://db", &[url]).validate().is_err(), "{url}");
        }
    }

    #[test]
    fn accounts_and_log_are_of_one_kind() {
        for (database, log, fits) in [
            ("postgres://h/a", "postgres://h/b", true),
            ("postgresql://h/a", "postgres://other/a", true),
            (
                "postgres://h/a",
                "postgres://h/a?options[search_path]=log_0",
                true,
            ),
            ("postgres://h/a", "sqlite://log", false),
            ("sqlite://db", "postgres://h/a", false),
        ] {
            assert_eq!(storage(database, &[log]).validate().is_ok(), fits, "{log}");
        }
    }

    #[test]
    fn two_shards_in_one_database_are_refused() {
        for kind in ["sqlite://", "postgres://host/"] {
            let check = |database: &str, log: [&str; 2]| {
                let log = log.map(|name| format!("{kind}{name}"));
                let log: Vec<&str> = log.iter().map(String::as_str).collect();
                storage(&format!("{kind}{database}"), &log).validate()
            };
            assert!(check("a", ["b", "b"]).is_err());
            assert!(check("a", ["b", "a"]).is_err());
            assert!(check("a", ["b", "c"]).is_ok());
        }
    }
}
