//! `/v1/record`: values that an account's devices share, sealed with a key that they alone have.

use crate::Binary;
use serde::{Deserialize, Serialize};

/// `GET /v1/record/{id}`: a private record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record {
    /// How often it was written.
    pub revision: u64,
    /// The value, sealed.
    pub sealed: Binary,
}

/// `PUT /v1/record/{id}`: replaces a private record, or makes it. The answer is [`RecordWritten`]; to the same request again,
/// too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteRecord {
    /// The revision that is replaced; 0 if there is none.
    pub replaces: u64,
    /// The value, sealed: at most [`crate::limits::ACCOUNT_RECORD_BYTES`].
    pub sealed: Binary,
}

/// The answer to [`WriteRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordWritten {
    /// The revision that it has now.
    pub revision: u64,
}
