//! What can go wrong below every store.

use super::{postgres, sqlite};
use sqlx::postgres::PgDatabaseError;
use std::error::Error;

/// The store could not do what it was asked to. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is busy or cannot be reached: trying again later may help.
    #[error("the database cannot be reached or is busy")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database refused or failed: trying the same again will not help. An operator has to look.
    #[error("the database failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// A stored value is not what this version writes. An operator has to look.
    #[error("a stored {what} cannot be read")]
    Unreadable {
        /// What the value should have been.
        what: &'static str,
    },
    /// The databases do not belong together, or are of a newer version of the server: correct the configuration.
    #[error("the database does not fit: {reason}")]
    Mismatch {
        /// What does not fit, for the operator.
        reason: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_) => true,
            sqlx::Error::Database(error) if error.try_downcast_ref::<PgDatabaseError>().is_some() => {
                postgres::is_passing(&**error)
            }
            sqlx::Error::Database(error) => sqlite::is_passing(&**error),
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
