//! `[storage.postgres]`: connections to PostgreSQL, and how long to wait for it.

use super::InvalidValue;
use crate::store::postgres::PostgresSettings;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Connections to each PostgreSQL database, and how long to wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Postgres {
    /// Connections that read, for each database, at most.
    pub read_connections: u32,
    /// Connections that write, for each database, at most. A log shard's writer has one more.
    pub write_connections: u32,
    /// How long to wait for a connection.
    pub connect_timeout_seconds: u32,
    /// How long one statement may take. What takes longer is given up, and the sender told to try again.
    pub statement_timeout_seconds: u32,
    /// How long a statement may wait for a lock.
    pub lock_timeout_seconds: u32,
}

impl Default for Postgres {
    fn default() -> Self {
        Self {
            read_connections: 8,
            write_connections: 4,
            connect_timeout_seconds: 5,
            statement_timeout_seconds: 10,
            lock_timeout_seconds: 5,
        }
    }
}

impl Postgres {
    pub(crate) fn settings(self) -> PostgresSettings {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        PostgresSettings {
            read_connections: self.read_connections,
            write_connections: self.write_connections,
            connect_timeout: seconds(self.connect_timeout_seconds),
            statement_timeout: seconds(self.statement_timeout_seconds),
            lock_timeout: seconds(self.lock_timeout_seconds),
        }
    }

    pub(super) fn validate(self) -> Result<(), InvalidValue> {
        for (key, value, most) in [
            ("storage.postgres.read_connections", self.read_connections, 10_000),
            (
                "storage.postgres.write_connections",
                self.write_connections,
                10_000,
            ),
            (
                "storage.postgres.connect_timeout_seconds",
                self.connect_timeout_seconds,
                600,
            ),
            (
                "storage.postgres.statement_timeout_seconds",
                self.statement_timeout_seconds,
                600,
            ),
            (
                "storage.postgres.lock_timeout_seconds",
                self.lock_timeout_seconds,
                600,
            ),
        ] {
            if !(1..=most).contains(&value) {
                return Err(InvalidValue::new(key, format!("expected 1 to {most}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pool_is_empty_and_no_wait_is_for_nothing() {
        assert!(Postgres::default().validate().is_ok());
        let empty = Postgres {
            read_connections: 0,
            ..Postgres::default()
        };
        assert_eq!(
            empty.validate().unwrap_err().key,
            "storage.postgres.read_connections"
        );
        let impatient = Postgres {
            lock_timeout_seconds: 0,
            ..Postgres::default()
        };
        assert_eq!(
            impatient.validate().unwrap_err().key,
            "storage.postgres.lock_timeout_seconds"
        );
    }
}
