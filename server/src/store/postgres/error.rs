//! PostgreSQL's errors, by what the caller can do (PostgreSQL documentation, appendix A).

use sqlx::error::DatabaseError;

/// Classes of errors that pass: the connection, too little of something, an operator at work.
const PASSING_CLASSES: [&str; 3] = ["08", "53", "57"];
/// Errors that pass: a transaction to be tried again, a lock not had in time, an idle transaction that was ended, a server that
/// only reads because another one has taken over.
const PASSING: [&str; 6] = ["40001", "40P01", "55P03", "25P03", "25P04", "25006"];

/// Whether trying again later may help.
pub(in crate::store) fn is_passing(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| {
        PASSING.contains(&&*code) || PASSING_CLASSES.iter().any(|class| code.starts_with(class))
    })
}

/// Whether a lock was not to be had in time.
pub(super) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| code == "55P03")
}
