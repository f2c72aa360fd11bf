//! Private records of accounts: sealed values that an account's devices share.

use super::StoreError;
use bytes::Bytes;
use sotto_protocol::{AccountId, RecordId};

/// A private record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// How often it was written.
    pub revision: u64,
    /// The value, sealed.
    pub sealed: Bytes,
}

/// What became of a record to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It has this revision now.
    Revision(u64),
    /// It has another revision than the one to be replaced, and another value.
    Stale,
    /// The account has [`sotto_protocol::limits::RECORDS_PER_ACCOUNT`] others.
    TooMany,
}

/// Private records. They go with their account.
pub trait RecordStore: Send + Sync + 'static {
    /// The record, if there is one.
    fn record(
        &self,
        account: AccountId,
        record: RecordId,
    ) -> impl Future<Output = Result<Option<StoredRecord>, StoreError>> + Send;

    /// Replaces the record if it has the revision `replaces`: 0 if there is none. The same again, when it has just been done, is
    /// done.
    fn write_record(
        &self,
        account: AccountId,
        record: RecordId,
        replaces: u64,
        sealed: Bytes,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}
