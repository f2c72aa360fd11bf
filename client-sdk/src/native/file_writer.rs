//! A file on the machine that is written from its beginning to its end, and is at its place once it is whole.

use super::file::blocking;
use crate::platform::{BoxFuture, FileSink, FileUnwritable};
use getrandom::SysRng;
use rand_core::TryRng as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that is being written, beside its place. Dropped before [`FileWriter::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct FileWriter {
    path: PathBuf,
    overwrites: bool,
    part: Part,
    file: Option<File>,
}

/// Deleted with the value.
#[derive(Debug)]
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // It is not there any more once it has come to its place.
        let _ = fs::remove_file(&self.0);
    }
}

impl FileWriter {
    /// Begins a file that only this user may read, to be at this path. Fails if there is one, unless it is to be overwritten.
    pub async fn begin(path: impl Into<PathBuf>, overwrites: bool) -> io::Result<Self> {
        let path = path.into();
        blocking(move || {
            if !overwrites && path.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let part = beside(&path)?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&part)?;
            Ok(Self {
                path,
                overwrites,
                part: Part(part),
                file: Some(file),
            })
        })
        .await
    }

    /// Whole and durable, it comes to its place.
    pub async fn finish(mut self) -> io::Result<()> {
        let file = self.file.take();
        blocking(move || {
            if let Some(file) = file {
                file.sync_all()?;
            }
            if self.overwrites {
                return fs::rename(&self.part.0, &self.path);
            }
            // Another file that has come there meanwhile stays.
            match fs::hard_link(&self.part.0, &self.path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    // Sticks and cards have file systems without links.
                    if self.path.symlink_metadata().is_ok() {
                        return Err(io::ErrorKind::AlreadyExists.into());
                    }
                    fs::rename(&self.part.0, &self.path)
                }
                linked => linked,
            }
        })
        .await
    }
}

/// A name beside the path that no other file has.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut random = [0; 8];
    SysRng.try_fill_bytes(&mut random).map_err(io::Error::other)?;
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(format!(".{:016x}.part", u64::from_be_bytes(random)));
    Ok(path.with_file_name(part))
}

impl FileSink for FileWriter {
    fn write(&mut self, bytes: Vec<u8>) -> BoxFuture<'_, Result<(), FileUnwritable>> {
        Box::pin(async move {
            let file = self.file.take();
            let written = blocking(move || {
                let mut file = file.ok_or(io::ErrorKind::BrokenPipe)?;
                file.write_all(&bytes)?;
                Ok(file)
            });
            let written = written.await.map_err(|error| FileUnwritable(error.to_string()))?;
            self.file = Some(written);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_at_its_place_once_it_is_whole_and_nothing_is_left_of_one_that_was_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export");
        let names = || fs::read_dir(folder.path()).unwrap().count();
        let mut given_up = FileWriter::begin(&path, false).await.unwrap();
        given_up.write(b"half".to_vec()).await.unwrap();
        assert!(!path.exists());
        drop(given_up);
        assert_eq!(names(), 0);
        let mut writer = FileWriter::begin(&path, false).await.unwrap();
        writer.write(b"who".to_vec()).await.unwrap();
        writer.write(b"le".to_vec()).await.unwrap();
        writer.finish().await.unwrap();
        assert_eq!((fs::read(&path).unwrap(), names()), (b"whole".to_vec(), 1));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn what_is_there_stays_unless_it_is_to_be_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export");
        let late = FileWriter::begin(&path, false).await.unwrap();
        fs::write(&path, b"precious").unwrap();
        let refused = FileWriter::begin(&path, false).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(
            late.finish().await.unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read(&path).unwrap(), b"precious");
        let mut writer = FileWriter::begin(&path, true).await.unwrap();
        writer.write(b"new".to_vec()).await.unwrap();
        writer.finish().await.unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
