//! Reading columns into our types.

use crate::store::StoreError;
use sotto_protocol::rest::user::ProfilePicture;
use sotto_protocol::{CoarseLocation, Seq, SignedDeviceList, Suite, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The integer that SQLite keeps a number as. Numbers beyond its range do not occur: they count milliseconds or rows.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An id, key or hash.
pub(super) fn id<T: for<'a> TryFrom<&'a [u8]>>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<T, StoreError> {
    T::try_from(row.try_get::<&[u8], _>(column)?).map_err(|_| StoreError::Unreadable { what: column })
}

/// The name of an account or of a role.
pub(super) fn name<T: TryFrom<String>>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    T::try_from(row.try_get::<String, _>(column)?).map_err(|_| StoreError::Unreadable { what: column })
}

/// An id, key or hash that may be absent.
pub(super) fn optional_id<T: for<'a> TryFrom<&'a [u8]>>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<&[u8]>, _>(column)?
        .map(|bytes| T::try_from(bytes).map_err(|_| StoreError::Unreadable { what: column }))
        .transpose()
}

/// A number that is never negative.
pub(super) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Unreadable { what: column })
}

/// A time.
pub(super) fn time(row: &SqliteRow, column: &'static str) -> Result<Timestamp, StoreError> {
    number(row, column).map(Timestamp)
}

/// A position.
pub(super) fn seq(row: &SqliteRow, column: &'static str) -> Result<Seq, StoreError> {
    number(row, column).map(Seq)
}

/// A suite.
pub(super) fn suite(row: &SqliteRow, column: &'static str) -> Result<Suite, StoreError> {
    Suite::from_code_point(number(row, column)?).ok_or(StoreError::Unreadable { what: column })
}

/// The columns `device_list` and `device_list_signature`.
pub(super) fn device_list(row: &SqliteRow) -> Result<SignedDeviceList, StoreError> {
    Ok(SignedDeviceList {
        list: row.try_get::<Vec<u8>, _>("device_list")?.into(),
        signature: id(row, "device_list_signature")?,
    })
}

/// A place on the grid that may be absent.
pub(super) fn location(row: &SqliteRow, column: &'static str) -> Result<Option<CoarseLocation>, StoreError> {
    row.try_get::<Option<i32>, _>(column)?
        .map(|cell| CoarseLocation::from_cell(cell).ok_or(StoreError::Unreadable { what: column }))
        .transpose()
}

/// The columns `picture` and `small_picture`.
pub(super) fn profile_picture(row: &SqliteRow) -> Result<Option<ProfilePicture>, StoreError> {
    Ok(optional_id(row, "picture")?
        .zip(optional_id(row, "small_picture")?)
        .map(|(large, small)| ProfilePicture { large, small }))
}
