//! `/v1/blob/…`: encrypted files.

pub(super) mod append;
pub(super) mod create;
pub(super) mod delete;
mod range;
pub(super) mod read;
pub(super) mod status;
pub(super) mod usage;
mod watch;

use super::HttpProblem;
use crate::blob::NoSlot;
use crate::store::Blob;
use http::{HeaderName, HeaderValue};
use sotto_protocol::rest::blob::{UPLOAD_OFFSET, Upload};
use sotto_protocol::{Problem, ProblemCode};

/// Seconds after which an account may have fewer transfers.
const TRANSFER_SECONDS: u32 = 5;

impl From<NoSlot> for HttpProblem {
    fn from(none: NoSlot) -> Self {
        match none {
            NoSlot::Overloaded => ProblemCode::Unavailable.into(),
            NoSlot::TooMany => Problem::new(ProblemCode::RateLimited)
                .with_retry_after(TRANSFER_SECONDS)
                .into(),
        }
    }
}

/// See [`UPLOAD_OFFSET`].
const OFFSET: HeaderName = HeaderName::from_static(UPLOAD_OFFSET);

/// The header that says how many bytes the server has.
fn offset(blob: &Blob) -> (HeaderName, HeaderValue) {
    (OFFSET, HeaderValue::from(blob.received))
}

fn upload(blob: &Blob) -> Upload {
    Upload {
        blob: blob.blob,
        size: blob.size,
        offset: blob.received,
        retention: blob.retention,
        created_at: blob.created_at,
        ends_at: blob.ends_at,
    }
}
