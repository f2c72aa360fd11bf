//! `[blobs]`: where encrypted files are kept, and how much of them.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use sotto_protocol::limits;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes of a GiB.
const GIB: u64 = 1 << 30;

/// Where encrypted files are kept, and how much of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Blobs {
    /// `file://<folder>` or `s3://<bucket>/<prefix>`. Empty: the folder `blobs` in `storage.data`.
    pub url: String,
    /// Bytes of one blob at most.
    pub blob_bytes_max: u64,
    /// Bytes of all blobs of an account at most, those under way by their whole size.
    pub quota_bytes: u64,
    /// Blobs of an account at most, those under way included.
    pub blobs_max: u64,
    /// Uploads of an account that may be under way, whether anything arrives or not.
    pub uploads_max: u64,
    /// Requests that may be adding to blobs at a time on this node. Each holds up to 4 MiB of memory.
    pub appends_max: usize,
    /// Of those, requests of one account.
    pub appends_per_account: u32,
    /// Blobs that may be being read at a time on this node. Each holds up to 512 KiB of memory.
    pub reads_max: usize,
    /// Of those, for one account.
    pub reads_per_account: u32,
    /// A transfer in which nothing moves for so long is cut.
    pub stall_seconds: u32,
    /// An upload that nothing is added to for so long is deleted.
    pub abandon_hours: u32,
    /// For `s3://` alone.
    pub s3: S3,
}

/// How an S3-compatible store is reached. What is empty is taken from the environment variables that AWS's own tools know
/// (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …), and credentials otherwise from
/// the machine's role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// `https://…`; `http://…` sends ciphertext in the clear, which a private network may allow.
    pub endpoint: String,
    /// The region.
    pub region: String,
    /// Who asks. Never printed.
    #[serde(skip_serializing)]
    pub access_key_id: Credential,
    /// The proof. Never printed.
    #[serde(skip_serializing)]
    pub secret_access_key: Credential,
}

/// A credential: it prints as dots, and the effective configuration leaves it out.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Credential(String);

impl Credential {
    /// Takes the text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, if there is one.
    pub(crate) fn reveal(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// What a URL of `[blobs]` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlobLocation<'u> {
    /// A folder of this machine.
    Folder(&'u Path),
    /// A part of a bucket.
    Bucket {
        /// The bucket.
        bucket: &'u str,
        /// What the names of all objects begin with; may be empty.
        prefix: &'u str,
    },
}

impl Default for Blobs {
    fn default() -> Self {
        Self {
            url: String::new(),
            blob_bytes_max: 2 * GIB,
            quota_bytes: 10 * GIB,
            blobs_max: 100_000,
            uploads_max: 32,
            appends_max: 128,
            appends_per_account: 16,
            reads_max: 512,
            reads_per_account: 32,
            stall_seconds: 60,
            abandon_hours: 24,
            s3: S3::default(),
        }
    }
}

impl Blobs {
    /// Fills in what follows from the data folder.
    pub(super) fn resolve(&mut self, data: &Path) {
        if self.url.is_empty() {
            self.url = format!("file://{}", data.join("blobs").display());
        }
    }

    /// What `url` names, if it is a URL that the server knows.
    pub(crate) fn location(&self) -> Option<BlobLocation<'_>> {
        if let Some(folder) = self.url.strip_prefix("file://") {
            return (!folder.is_empty()).then_some(BlobLocation::Folder(Path::new(folder)));
        }
        let place = self.url.strip_prefix("s3://")?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let prefix = prefix.trim_matches('/');
        (!bucket.is_empty()).then_some(BlobLocation::Bucket { bucket, prefix })
    }

    /// The folder, if blobs are kept in one.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        match self.location()? {
            BlobLocation::Folder(folder) => Some(folder.to_owned()),
            BlobLocation::Bucket { .. } => None,
        }
    }

    /// See [`Self::stall_seconds`].
    #[must_use]
    pub fn stall(&self) -> Duration {
        Duration::from_secs(u64::from(self.stall_seconds))
    }

    /// See [`Self::abandon_hours`].
    pub(crate) fn abandon_millis(&self) -> u64 {
        u64::from(self.abandon_hours) * 60 * 60 * 1000
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if self.location().is_none() {
            return Err(InvalidValue::new(
                "blobs.url",
                format!(
                    "expected file://<folder> or s3://<bucket>/<prefix>, not {:?}",
                    self.url
                ),
            ));
        }
        for (key, value) in [
            ("blobs.blob_bytes_max", self.blob_bytes_max),
            ("blobs.quota_bytes", self.quota_bytes),
            ("blobs.blobs_max", self.blobs_max),
            ("blobs.uploads_max", self.uploads_max),
        ] {
            if !(1..=limits::BLOB_BYTES_REPRESENTABLE).contains(&value) {
                return Err(InvalidValue::new(key, "at least 1, and below 2 to the 53rd"));
            }
        }
        for (key, value) in [
            ("blobs.appends_max", self.appends_max),
            ("blobs.reads_max", self.reads_max),
        ] {
            if !(1..=tokio::sync::Semaphore::MAX_PERMITS).contains(&value) {
                return Err(InvalidValue::new(key, "at least 1"));
            }
        }
        for (key, value) in [
            ("blobs.appends_per_account", self.appends_per_account),
            ("blobs.reads_per_account", self.reads_per_account),
        ] {
            if value == 0 {
                return Err(InvalidValue::new(key, "at least 1"));
            }
        }
        if !(1..=3600).contains(&self.stall_seconds) {
            return Err(InvalidValue::new("blobs.stall_seconds", "1 to 3600 seconds"));
        }
        if !(1..=24 * 365).contains(&self.abandon_hours) {
            return Err(InvalidValue::new("blobs.abandon_hours", "1 hour to a year"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Blobs {
        Blobs {
            url: url.to_owned(),
            ..Blobs::default()
        }
    }

    #[test]
    fn a_url_names_a_folder_or_a_part_of_a_bucket() {
        let bucket = |bucket, prefix| Some(BlobLocation::Bucket { bucket, prefix });
        assert_eq!(
            at("file:///var/blobs").location(),
            Some(BlobLocation::Folder(Path::new("/var/blobs")))
        );
        assert_eq!(at("s3://files").location(), bucket("files", ""));
        assert_eq!(at("s3://files/").location(), bucket("files", ""));
        assert_eq!(at("s3://files/a/b/").location(), bucket("files", "a/b"));
        for url in ["", "file://", "s3://", "s3:///x", "ftp://x", "/var/blobs"] {
            assert_eq!(at(url).location(), None, "{url}");
            assert!(at(url).validate().is_err(), "{url}");
        }
        let mut unset = at("");
        unset.resolve(Path::new("here"));
        assert_eq!(unset.folder(), Some(PathBuf::from("here/blobs")));
    }

    #[test]
    fn credentials_are_read_and_never_printed() {
        let file = "[s3]\naccess_key_id = \"AKIAEXAMPLE\"\nsecret_access_key = \"very-secret\"\n";
        let blobs: Blobs = toml::from_str(file).unwrap();
        assert_eq!(blobs.s3.access_key_id.reveal(), Some("AKIAEXAMPLE"));
        assert_eq!(blobs.s3.secret_access_key.reveal(), Some("very-secret"));
        for printed in [format!("{blobs:?}"), toml::to_string(&blobs).unwrap()] {
            assert!(!printed.contains("AKIAEXAMPLE"), "{printed}");
            assert!(!printed.contains("very-secret"), "{printed}");
        }
    }

    #[test]
    fn numbers_out_of_bounds_are_refused() {
        let mut blobs = at("file://x");
        assert_eq!(blobs.validate(), Ok(()));
        blobs.uploads_max = 0;
        assert_eq!(blobs.validate().unwrap_err().key, "blobs.uploads_max");
        blobs = at("file://x");
        blobs.stall_seconds = 0;
        assert_eq!(blobs.validate().unwrap_err().key, "blobs.stall_seconds");
    }
}
