//! Small files to and from the server, whole in memory.

use crate::api::{Api, ApiError};
use crate::platform::{Clock, Platform};
use bytes::Bytes;
use core::time::Duration;
use sotto_crypto_core::file::FileError;
use sotto_crypto_core::{FileCipher, FileKey, FileLayout};
use sotto_protocol::rest::blob::CreateBlob;
use sotto_protocol::{BlobId, ProblemCode, Retention, UploadId};

/// How often a transfer that broke is taken up again.
const ATTEMPTS: u32 = 5;
/// How long the first time is waited; each next time twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Seals a file in memory.
pub(crate) fn seal(key: &FileKey, content: &[u8]) -> Result<Bytes, FileError> {
    let layout = FileLayout::new(content.len() as u64)?;
    let cipher = FileCipher::new(key, layout);
    let mut sealed = Vec::new();
    let mut rest = content;
    for chunk in 0..layout.chunks() {
        let range = layout.content_range(chunk).ok_or(FileError::WrongChunk)?;
        let length = usize::try_from(range.end - range.start).map_err(|_| FileError::TooLong)?;
        let (part, after) = rest.split_at_checked(length).ok_or(FileError::WrongChunk)?;
        sealed.extend(cipher.seal(chunk, part)?);
        rest = after;
    }
    Ok(sealed.into())
}

/// Opens what [`seal`] sealed.
pub(crate) fn open(key: &FileKey, layout: FileLayout, sealed: &[u8]) -> Result<Vec<u8>, FileError> {
    let cipher = FileCipher::new(key, layout);
    let mut content = Vec::new();
    let mut rest = sealed;
    for chunk in 0..layout.chunks() {
        let range = layout.sealed_range(chunk).ok_or(FileError::WrongChunk)?;
        let length = usize::try_from(range.end - range.start).map_err(|_| FileError::TooLong)?;
        let (part, after) = rest.split_at_checked(length).ok_or(FileError::DoesNotOpen)?;
        content.extend_from_slice(&cipher.open(chunk, part)?);
        rest = after;
    }
    Ok(content)
}

/// Puts a blob on the server. What broke goes on where the server says; `upload` is chosen at random for this blob, so that a
/// repetition finds it.
pub(crate) async fn upload<P: Platform>(
    api: &Api<P>,
    clock: &P::Clock,
    upload: UploadId,
    bytes: Bytes,
) -> Result<BlobId, ApiError> {
    let request = CreateBlob {
        upload,
        size: bytes.len() as u64,
        retention: Retention::Keep,
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

/// Reads a whole blob of so many bytes.
pub(crate) async fn download<P: Platform>(
    api: &Api<P>,
    clock: &P::Clock,
    blob: BlobId,
    length: u64,
) -> Result<Vec<u8>, ApiError> {
    persist(clock, || api.read_blob(blob, 0..length)).await
}

/// Tries again, a few times and ever later, what may succeed the next time.
async fn persist<C: Clock, T>(
    clock: &C,
    attempt: impl AsyncFn() -> Result<T, ApiError>,
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
fn is_worth_another(error: &ApiError) -> bool {
    error.is_passing()
        || matches!(
            error.code(),
            Some(ProblemCode::WrongOffset | ProblemCode::UploadBusy)
        )
}
