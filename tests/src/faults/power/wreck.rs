//! Files as they are found when the power comes back.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Files and folders, by their paths below the folder that was mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wreck {
    /// Folders, each after the one that it is in.
    pub folders: Vec<PathBuf>,
    /// Files, with what is in them.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Wreck {
    /// Writes them into a folder, which holds nothing else afterwards.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        for path in &self.folders {
            std::fs::create_dir(folder.join(path))?;
        }
        for (path, content) in &self.files {
            std::fs::write(folder.join(path), content)?;
        }
        Ok(())
    }
}
