//! `[storage]`: the databases.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where the server keeps things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// The folder for databases that no URL is given for.
    pub data: PathBuf,
    /// The database of accounts: `sqlite://<file>`. Empty: `sotto.db` in `data`.
    pub database: String,
    /// The databases of the log, one a shard: `sqlite://<file>`. Empty: `log-0.db` in `data`. A shard may be added at the
    /// end of the list; the order never changes, and none is ever taken away.
    pub log: Vec<String>,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            data: PathBuf::from("sotto-data"),
            database: String::new(),
            log: Vec::new(),
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

    fn in_data(&self, file: &str) -> String {
        format!("sqlite://{}", self.data.join(file).display())
    }

    /// The file of the database of accounts.
    pub(crate) fn accounts_file(&self) -> PathBuf {
        sqlite_file(&self.database).unwrap_or_default().into()
    }

    /// The files of the log's shards, in their order.
    pub(crate) fn log_files(&self) -> Vec<PathBuf> {
        let files = self.log.iter().filter_map(|url| sqlite_file(url));
        files.map(PathBuf::from).collect()
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        is_known("storage.database", &self.database)?;
        if self.log.len() > usize::from(u16::MAX) {
            return Err(InvalidValue::new("storage.log", "too many shards"));
        }
        for (position, url) in self.log.iter().enumerate() {
            is_known("storage.log", url)?;
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

fn is_known(key: &'static str, url: &str) -> Result<(), InvalidValue> {
    let unknown = || InvalidValue::new(key, format!("expected sqlite://<file>, not {url:?}"));
    sqlite_file(url).map(drop).ok_or_else(unknown)
}

fn sqlite_file(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite://").filter(|file| !file.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storage(database: &str, log: &[&str]) -> Storage {
        Storage {
            database: database.to_owned(),
            log: log.iter().map(|&url| url.to_owned()).collect(),
            ..Storage::default()
        }
    }

    #[test]
    fn urls_that_are_not_given_follow_the_data_folder() {
        let mut storage = storage("", &[]);
        storage.data = PathBuf::from("here");
        storage.resolve();
        assert_eq!(storage.accounts_file(), PathBuf::from("here/sotto.db"));
        assert_eq!(storage.log_files(), [PathBuf::from("here/log-0.db")]);
    }

    #[test]
    fn an_unknown_kind_of_database_is_refused() {
        for url in ["mysql://x", "sqlite://", "sotto.db", ""] {
            assert!(storage(url, &["sqlite://log"]).validate().is_err(), "{url}");
            assert!(storage("sqlite://db", &[url]).validate().is_err(), "{url}");
        }
    }

    #[test]
    fn two_shards_in_one_database_are_refused() {
        assert!(
            storage("sqlite://a", &["sqlite://b", "sqlite://b"])
                .validate()
                .is_err()
        );
        assert!(storage("sqlite://a", &["sqlite://a"]).validate().is_err());
        assert!(
            storage("sqlite://a", &["sqlite://b", "sqlite://c"])
                .validate()
                .is_ok()
        );
    }
}
