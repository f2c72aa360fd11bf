//! Small files to and from the server, whole in memory.

use super::chunks;
use crate::api::{Api, ApiError};
use crate::platform::{Clock, Platform};
use bytes::Bytes;
use core::ops::Range;
use core::time::Duration;
use sotto_crypto_core::file::FileError;
use sotto_crypto_core::{FileCipher, FileKey, FileLayout};
use sotto_protocol::rest::blob::CreateBlob;
use sotto_protocol::{BlobId, ProblemCode, Retention, UploadId};

/// How often a transfer that broke is taken up again.
const ATTEMPTS: u32 = 7;
/// How long the first time is waited; each next time twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Seals a file in memory.
pub(crate) fn seal(key: &FileKey, content: &[u8]) -> Result<Bytes, FileError> {
    let layout = FileLayout::new(content.len() as u64)?;
    let sealed = chunks::seal(&FileCipher::new(key, layout), chunks::all(layout), content)?;
    Ok(sealed.into())
}

/// Opens what [`seal`] sealed.
pub(crate) fn open(key: &FileKey, layout: FileLayout, sealed: &[u8]) -> Result<Vec<u8>, FileError> {
    chunks::open(&FileCipher::new(key, layout), chunks::all(layout), sealed)
}

/// Puts a blob on the server. What broke goes on where the server says; `upload` is chosen at random for this blob, so that a
/// repetition finds it.
pub(crate) async fn upload<P: Platform>(
    api: &Api<P>,
    clock: &P::Clock,
    upload: UploadId,
    retention: Retention,
    bytes: Bytes,
) -> Result<BlobId, ApiError> {
    let request = CreateBlob {
        upload,
        size: bytes.len() as u64,
        retention,
    };
    persist(clock, || try_upload(api, &request, &bytes)).await
}

async fn try_upload<P: Platform>(
    api: &Api<P>,
    request: &CreateBlob,
    bytes: &Bytes,
) -> Result<BlobId, ApiError> {
    // A repetition is answered with how far it has come.
    let mut upload = api.create_blob(request).await?;
    while upload.offset < upload.size {
        let rest = usize::try_from(upload.offset)
            .ok()
            .filter(|&offset| offset < bytes.len())
            .map(|offset| bytes.slice(offset..));
        let rest = rest.ok_or(ApiError::Unreadable { status: 200 })?;
        upload = api.append_to_blob(upload.blob, upload.offset, rest).await?;
    }
    Ok(upload.blob)
}

/// Reads these bytes of a blob.
pub(crate) async fn download<P: Platform>(
    api: &Api<P>,
    clock: &P::Clock,
    blob: BlobId,
    range: Range<u64>,
) -> Result<Vec<u8>, ApiError> {
    persist(clock, || api.read_blob(blob, range.clone())).await
}

/// Tries again, a few times and ever later, what may succeed the next time.
async fn persist<C: Clock, T, F: Future<Output = Result<T, ApiError>>>(
    clock: &C,
    attempt: impl Fn() -> F,
) -> Result<T, ApiError> {
    let mut wait = FIRST_WAIT;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if is_worth_another(&error) => clock.sleep(wait).await,
            answer => return answer,
        }
        wait *= 2;
    }
    attempt().await
}

/// Beside what passes by itself: another request was at the same upload, and it has come further or goes on.
pub(super) fn is_worth_another(error: &ApiError) -> bool {
    error.is_passing()
        || matches!(
            error.code(),
            Some(ProblemCode::WrongOffset | ProblemCode::UploadBusy)
        )
}
