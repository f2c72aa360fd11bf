//! One client a store.

use crate::store::StoreError;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Holds the store in a file for this client alone, until it is released or dropped. The operating system frees it when
/// the process ends, however it ends.
///
/// `SQLite`'s own locks would not do: they belong to the process, not to who opened the file, and are lost when any part of the
/// process closes the same file.
pub(super) struct StoreLock(Mutex<Option<File>>);

impl StoreLock {
    /// Locks the store at `path`, and makes its file if there is none: readable by its owner alone.
    pub(super) fn acquire(path: &Path) -> Result<Self, StoreError> {
        let lock = private_file(&beside(path)).map_err(|error| unavailable(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked),
            Err(TryLockError::Error(error)) => return Err(unavailable(&error)),
        }
        private_file(path).map_err(|error| unavailable(&error))?;
        Ok(Self(Mutex::new(Some(lock))))
    }

    /// Lets another client have the store.
    pub(super) fn release(&self) {
        // Closing the file unlocks it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("-lock");
    name.into()
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn unavailable(error: &io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::StorageFull || error.kind() == io::ErrorKind::QuotaExceeded {
        StoreError::Full
    } else {
        StoreError::Unavailable(error.to_string())
    }
}
