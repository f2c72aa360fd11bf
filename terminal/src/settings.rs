//! What is remembered between commands, beside the store: where the server is, and whose folder this is.

use crate::failure::Failure;
use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The folder of one account.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

/// What is remembered. None of it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The server's address.
    pub(crate) server: Option<String>,
    /// The account's name, once there is one.
    pub(crate) account: Option<String>,
}

impl Folder {
    /// The folder named, or the system's own place for such.
    pub(crate) fn find(named: Option<PathBuf>) -> Result<Self, Failure> {
        if let Some(path) = named {
            return Ok(Self(path));
        }
        let application = AppStrategyArgs {
            top_level_domain: String::new(),
            author: "Sotto".to_owned(),
            app_name: "Sotto".to_owned(),
        };
        let strategy = choose_app_strategy(application).map_err(|_| Failure::NoHome)?;
        Ok(Self(strategy.data_dir()))
    }

    /// Makes the folder if it is not there, for its owner alone.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(&self.0).map_err(at(&self.0))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The store's file.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store.db")
    }

    /// Whether there is a store.
    pub(crate) fn has_store(&self) -> bool {
        self.store().exists()
    }

    /// Deletes the store, with what SQLite keeps beside it.
    pub(crate) fn delete_store(&self) -> Result<(), Failure> {
        for suffix in ["", "-wal", "-shm", "-lock"] {
            let mut path = self.store().into_os_string();
            path.push(suffix);
            let path = PathBuf::from(path);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path)(error)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    fn settings(&self) -> PathBuf {
        self.0.join("settings.toml")
    }

    /// What is remembered; nothing, in a new folder.
    pub(crate) fn load(&self) -> Result<Settings, Failure> {
        let path = self.settings();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
            Err(error) => return Err(at(&path)(error)),
        };
        toml::from_str(&text).map_err(|error| Failure::Settings {
            path,
            reason: error.message().to_owned(),
        })
    }

    /// Remembers.
    pub(crate) fn save(&self, settings: &Settings) -> Result<(), Failure> {
        let path = self.settings();
        let text = toml::to_string(settings).map_err(|error| Failure::Settings {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        // Either the old or the new, whatever happens meanwhile.
        let new = self.0.join("settings.toml.new");
        fs::write(&new, text).map_err(at(&new))?;
        fs::rename(&new, &path).map_err(at(&path))
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    |error| Failure::File { path, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_remembers_nothing_and_then_what_it_was_told() {
        let parent = tempfile::TempDir::new().unwrap();
        let folder = Folder::find(Some(parent.path().join("a/b"))).unwrap();
        assert_eq!(folder.load().unwrap(), Settings::default());
        folder.make().unwrap();
        let settings = Settings {
            server: Some("https://sotto.example".to_owned()),
            account: Some("ada".to_owned()),
        };
        folder.save(&settings).unwrap();
        assert_eq!(folder.load().unwrap(), settings);
    }

    #[test]
    fn broken_settings_are_an_error_that_names_the_file() {
        let parent = tempfile::TempDir::new().unwrap();
        let folder = Folder::find(Some(parent.path().to_owned())).unwrap();
        fs::write(parent.path().join("settings.toml"), "server = 3").unwrap();
        let failure = folder.load().unwrap_err();
        assert!(failure.sentence().contains("settings.toml"), "{failure}");
    }
}
