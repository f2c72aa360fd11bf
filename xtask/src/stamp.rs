//! Skips a step whose inputs are those of the last time. Cargo does this by itself; npm does not.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that hold results, not inputs.
const RESULTS: [&str; 6] = ["node_modules", "dist", "pkg", "target", "output", ".svelte-kit"];

/// Does a step of an npm package unless the files under `inputs` are the same as when it last succeeded and all `outputs`
/// are there. Returns whether it was done.
pub(crate) fn when_changed(
    package: &Path,
    step: &str,
    inputs: &[PathBuf],
    outputs: &[PathBuf],
    work: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    // In the package's folder, as the outputs are: whoever has made them, the stamp speaks of them.
    let folder = package.join("node_modules");
    let stamp = folder.join(format!(".stamp-{step}"));
    let hash = hash(inputs)?;
    if outputs.iter().all(|output| output.exists())
        && fs::read_to_string(&stamp).is_ok_and(|last| last == hash)
    {
        return Ok(false);
    }
    work()?;
    fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    fs::write(&stamp, hash).with_context(|| format!("could not write {}", stamp.display()))?;
    Ok(true)
}

fn hash(inputs: &[PathBuf]) -> Result<String> {
    let mut files = BTreeSet::new();
    for input in inputs {
        collect(input, &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)
            .with_context(|| format!("could not read {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// All files at or under a path; one that is not there is an input too, by its absence.
fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("could not list {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            if !RESULTS.iter().any(|name| entry.file_name() == *name) {
                collect(&entry.path(), files)?;
            }
        }
    } else if path.is_file() {
        files.insert(path.to_path_buf());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/a"), "1").unwrap();
        folder
    }

    fn hash_of(folder: &tempfile::TempDir) -> String {
        hash(&[folder.path().to_path_buf()]).unwrap()
    }

    #[test]
    fn a_changed_added_or_removed_file_is_noticed() {
        let folder = folder();
        let mut seen = BTreeSet::from([hash_of(&folder)]);
        fs::write(folder.path().join("src/a"), "2").unwrap();
        assert!(seen.insert(hash_of(&folder)));
        fs::write(folder.path().join("src/b"), "").unwrap();
        assert!(seen.insert(hash_of(&folder)));
        fs::remove_file(folder.path().join("src/a")).unwrap();
        assert!(seen.insert(hash_of(&folder)));
    }

    #[test]
    fn what_a_step_makes_is_no_input_of_it() {
        let folder = folder();
        let before = hash_of(&folder);
        fs::create_dir_all(folder.path().join("src/dist")).unwrap();
        fs::write(folder.path().join("src/dist/a"), "").unwrap();
        assert_eq!(before, hash_of(&folder));
    }

    #[test]
    fn the_same_files_have_the_same_hash() {
        let folder = folder();
        assert_eq!(hash_of(&folder), hash_of(&folder));
    }
}
