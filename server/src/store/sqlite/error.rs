//! sqlx's errors, by what the caller can do.

use crate::store::StoreError;

/// `SQLITE_BUSY`, `SQLITE_LOCKED` and `SQLITE_FULL` without their extension.
const PASSING: [u32; 3] = [5, 6, 13];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_) => true,
            sqlx::Error::Database(error) => error
                .code()
                .and_then(|code| code.parse::<u32>().ok())
                .is_some_and(|code| PASSING.contains(&(code & 0xff))),
            _ => false,
        };
        if passing {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Failed(Box::new(error))
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(version) => Self::Mismatch {
                reason: format!("migration {version} was applied by a newer version of the server"),
            },
            other => Self::Failed(Box::new(other)),
        }
    }
}

/// Whether a unique constraint was broken, and so somebody else was first.
pub(super) fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
