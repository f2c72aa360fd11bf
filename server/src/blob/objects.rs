//! Objects in a folder or a bucket: written whole, never changed, deleted.

use crate::config::{BlobLocation, Blobs};
use crate::store::ObjectId;
use crate::telemetry::metrics::{METRICS, ObjectOperation};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use sotto_protocol::Timestamp;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The object that says whose objects these are.
const OWNER: &str = "installation";
/// How long a failed request to a bucket is repeated.
const RETRY: Duration = Duration::from_secs(15);
/// How often, at most.
const RETRIES: usize = 4;
/// For one request to a bucket, with up to a segment of content.
const REQUEST: Duration = Duration::from_mins(1);

/// Why blobs cannot be kept where the configuration says. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenBlobsError {
    /// The folder or bucket cannot be reached.
    #[error("the folder or bucket for blobs cannot be reached")]
    Unreachable(#[from] object_store::Error),
    /// The folder cannot be made.
    #[error("the folder {} cannot be made", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// The database of accounts cannot say which installation this is.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The objects there belong to another database. Cleaning up would delete them: configure another place.
    #[error("the folder or bucket for blobs holds those of another installation")]
    AnotherInstallation,
}

/// The slice of all objects whose ids begin with this byte. They share a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice(pub(super) u8);

/// Times an operation, and counts it if it failed. That an object is not there is no failure.
async fn timed<T>(
    operation: ObjectOperation,
    run: impl Future<Output = Result<T, object_store::Error>>,
) -> Result<T, object_store::Error> {
    let begun = Instant::now();
    let result = run.await;
    METRICS.object_duration.of(operation).record(begun.elapsed());
    if let Err(error) = &result
        && !matches!(error, object_store::Error::NotFound { .. })
    {
        METRICS.object_failures.of(operation).increment();
    }
    result
}

/// Objects in a folder or a bucket.
#[derive(Clone, Debug)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    /// If it is a folder of this machine.
    folder: Option<PathBuf>,
}

impl Objects {
    /// Opens the folder, which is made if it is not there, or the bucket.
    pub(crate) fn open(config: &Blobs) -> Result<Self, OpenBlobsError> {
        match config.location() {
            Some(BlobLocation::Bucket { bucket, prefix }) => Self::in_bucket(config, bucket, prefix),
            Some(BlobLocation::Folder(folder)) => Self::in_folder(folder.to_owned()),
            // `Config::validate` has refused it.
            None => Self::in_folder(PathBuf::from("blobs")),
        }
    }

    fn in_folder(folder: PathBuf) -> Result<Self, OpenBlobsError> {
        std::fs::create_dir_all(&folder).map_err(|source| OpenBlobsError::Folder {
            folder: folder.clone(),
            source,
        })?;
        // Without `with_fsync` an acknowledged byte could be lost with the power.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            folder: Some(folder),
        })
    }

    fn in_bucket(config: &Blobs, bucket: &str, prefix: &str) -> Result<Self, OpenBlobsError> {
        let s3 = &config.s3;
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_client_options(ClientOptions::new().with_timeout(REQUEST))
            .with_retry(RetryConfig {
                max_retries: RETRIES,
                retry_timeout: RETRY,
                ..RetryConfig::default()
            });
        if !s3.endpoint.is_empty() {
            builder = builder
                .with_endpoint(&s3.endpoint)
                .with_allow_http(s3.endpoint.starts_with("http://"));
        }
        if !s3.region.is_empty() {
            builder = builder.with_region(&s3.region);
        }
        if let Some(id) = s3.access_key_id.reveal() {
            builder = builder.with_access_key_id(id);
        }
        if let Some(secret) = s3.secret_access_key.reveal() {
            builder = builder.with_secret_access_key(secret);
        }
        Ok(Self {
            store: Arc::new(PrefixStore::new(builder.build()?, prefix)),
            folder: None,
        })
    }

    #[cfg(test)]
    pub(super) fn in_store(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, folder: None }
    }

    /// Writes down whose objects these are, or makes sure that they are `installation`'s.
    pub(super) async fn claim(&self, installation: &[u8]) -> Result<(), OpenBlobsError> {
        let mut name = String::new();
        for byte in installation {
            let _ = write!(name, "{byte:02x}");
        }
        let path = Path::from(OWNER);
        match self.store.get(&path).await {
            Ok(_) => {}
            Err(object_store::Error::NotFound { .. }) => {
                self.store.put(&path, name.clone().into()).await?;
            }
            Err(error) => return Err(error.into()),
        }
        // Read again even if it was written just now: two installations may have begun at once.
        let owner = self.store.get(&path).await?.bytes().await?;
        if owner == name.as_bytes() {
            Ok(())
        } else {
            Err(OpenBlobsError::AnotherInstallation)
        }
    }

    /// Writes an object. It is durable when this returns.
    pub(super) async fn put(&self, object: ObjectId, content: Bytes) -> Result<(), object_store::Error> {
        let bytes = content.len();
        timed(
            ObjectOperation::Put,
            self.store.put(&path(object), content.into()),
        )
        .await?;
        METRICS.blob_written_bytes.add(bytes as u64);
        Ok(())
    }

    /// Part of an object.
    pub(super) async fn get(
        &self,
        object: ObjectId,
        range: Range<u64>,
    ) -> Result<Bytes, object_store::Error> {
        let content = timed(ObjectOperation::Get, self.store.get_range(&path(object), range)).await?;
        METRICS.blob_read_bytes.add(content.len() as u64);
        Ok(content)
    }

    /// Deletes an object. One that is not there is deleted.
    pub(super) async fn delete(&self, object: ObjectId) -> Result<(), object_store::Error> {
        match timed(ObjectOperation::Delete, self.store.delete(&path(object))).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether an object is there.
    pub(super) async fn exists(&self, object: ObjectId) -> Result<bool, object_store::Error> {
        match self.store.head(&path(object)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The objects of a slice, each with the time it was written, by the clock of whoever keeps them.
    pub(super) fn list(
        &self,
        slice: Slice,
    ) -> BoxStream<'static, Result<(ObjectId, Timestamp), object_store::Error>> {
        let listed = self.store.list(Some(&Path::from(format!("{:02x}", slice.0))));
        Box::pin(listed.try_filter_map(|meta| async move {
            let written = u64::try_from(meta.last_modified.timestamp_millis()).unwrap_or(0);
            Ok(object_at(&meta.location).map(|object| (object, Timestamp(written))))
        }))
    }

    /// Deletes what a crash has left of half-written files of a slice, and says how many. A bucket has none: there an
    /// object is written or not.
    pub(super) async fn delete_half_written(
        &self,
        slice: Slice,
        before: Timestamp,
    ) -> std::io::Result<usize> {
        let Some(folder) = &self.folder else {
            return Ok(0);
        };
        let mut entries = match tokio::fs::read_dir(folder.join(format!("{:02x}", slice.0))).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut deleted = 0;
        while let Some(entry) = entries.next_entry().await? {
            // `LocalFileSystem` writes `<name>#<number>`, then renames it.
            let half_written = entry.file_name().to_str().is_some_and(|name| name.contains('#'));
            if !half_written {
                continue;
            }
            let written = entry.metadata().await?.modified()?;
            let written = written
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
            if written < before.0 {
                tokio::fs::remove_file(entry.path()).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

/// `5a/f0…`: 256 folders of one level, so that none grows large.
fn path(object: ObjectId) -> Path {
    let mut text = String::with_capacity(33);
    for (position, byte) in object.0.iter().enumerate() {
        let _ = write!(text, "{byte:02x}");
        if position == 0 {
            text.push('/');
        }
    }
    Path::from(text)
}

/// The object whose path this is.
fn object_at(path: &Path) -> Option<ObjectId> {
    let text: String = path.as_ref().chars().filter(|&c| c != '/').collect();
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 16];
    for (position, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * position..2 * position + 2)?, 16).ok()?;
    }
    Some(ObjectId(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_object_and_back() {
        let object = ObjectId(std::array::from_fn(|position| {
            u8::try_from(position * 17).unwrap()
        }));
        assert_eq!(path(object).as_ref(), "00/112233445566778899aabbccddeeff");
        assert_eq!(object_at(&path(object)), Some(object));
        for other in [
            "installation",
            "00/11",
            "zz/112233445566778899aabbccddeeff",
            "00/ä",
        ] {
            assert_eq!(object_at(&Path::from(other)), None, "{other}");
        }
    }

    #[tokio::test]
    async fn another_installations_objects_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::in_folder(folder.path().join("blobs")).unwrap();
        objects.claim(b"one").await.unwrap();
        objects.claim(b"one").await.unwrap();
        assert!(matches!(
            objects.claim(b"two").await,
            Err(OpenBlobsError::AnotherInstallation)
        ));
    }
}
