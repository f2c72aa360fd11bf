//! SQLite's errors, by what the caller can do.

use sqlx::error::DatabaseError;

/// `SQLITE_BUSY`, `SQLITE_LOCKED` and `SQLITE_FULL` without their extension.
const PASSING: [u32; 3] = [5, 6, 13];

/// Whether trying again later may help.
pub(in crate::store) fn is_passing(error: &dyn DatabaseError) -> bool {
    error
        .code()
        .and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| PASSING.contains(&(code & 0xff)))
}
