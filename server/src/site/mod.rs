//! What the operator says: name, colours, logo, pages and news, from the configuration and the files that it names.
//!
//! ```text
//! files → content → front_matter, markdown → tree     looked at when somebody asks, read when they have changed
//! ```

mod content;
mod feed;
mod front_matter;
mod html;
mod markdown;
mod picture;
mod style;
#[cfg(test)]
mod tests;
mod text_file;

pub(crate) use content::Content;
pub(crate) use feed::{Feed, feed};
pub(crate) use picture::PictureKind;
pub(crate) use style::style;

use crate::config;
use crate::config::InvalidValue;
use bytes::Bytes;
use content::NEWS_FOLDER;
use sotto_protocol::Timestamp;
use sotto_protocol::rest::server::DEFAULT_NAME;
use sotto_protocol::rest::site::{FileName, PageName, SitePage};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// How old what is known of the files may be.
const LOOK_AGAIN_MILLIS: u64 = 1_000;

/// Bytes of a picture on a page.
const PICTURE_BYTES: u64 = 4 * 1024 * 1024;

/// What is said of a server whose operator says nothing.
const DEFAULT_ABOUT: &str = include_str!("about.md");

/// What the operator says.
#[derive(Debug)]
pub(crate) struct Site {
    config: Arc<config::Site>,
    default_about: Arc<SitePage>,
    known: RwLock<Known>,
    /// One looks at the files at a time, for all.
    turn: Mutex<()>,
}

#[derive(Clone, Debug)]
struct Known {
    since: Timestamp,
    content: Arc<Content>,
}

/// A picture of a page.
pub(crate) struct Picture {
    /// What it is.
    pub(crate) kind: PictureKind,
    /// The file.
    pub(crate) bytes: Bytes,
}

impl Site {
    /// Reads the files. What is wrong with a page is said in the log and no reason not to start.
    pub(crate) fn open(config: config::Site, now: Timestamp) -> Result<Self, InvalidValue> {
        if let Some(folder) = config.pages.as_deref().filter(|folder| !folder.is_dir()) {
            let reason = format!("{} is no folder that can be read", folder.display());
            return Err(InvalidValue::new("site.pages", reason));
        }
        let content = Content::look(&config, &Content::default());
        if let Some(logo) = config.logo.as_deref().filter(|_| content.logo().is_none()) {
            let finding = content.findings.first().cloned();
            let reason = finding.unwrap_or_else(|| format!("{} cannot be used", logo.display()));
            return Err(InvalidValue::new("site.logo", reason));
        }
        warn_of(&content, &Content::default());
        let read = markdown::read(DEFAULT_ABOUT).unwrap_or_default();
        Ok(Self {
            default_about: Arc::new(SitePage {
                title: content::default_title(PageName::About, &config.name),
                content: read.content,
            }),
            config: Arc::new(config),
            known: RwLock::new(Known {
                since: now,
                content: Arc::new(content),
            }),
            turn: Mutex::new(()),
        })
    }

    /// What the configuration says.
    pub(crate) fn config(&self) -> &config::Site {
        &self.config
    }

    /// Whether the web app looks otherwise than it was built.
    pub(crate) fn is_branded(&self) -> bool {
        self.config.name != DEFAULT_NAME || self.config.accent.is_some() || self.config.logo.is_some()
    }

    /// What the files say, as they were a moment ago.
    pub(crate) async fn content(&self, now: Timestamp) -> Arc<Content> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        let has_files = self.config.pages.is_some() || self.config.logo.is_some();
        if !has_files || now.0.abs_diff(known.since.0) < LOOK_AGAIN_MILLIS {
            return known.content;
        }
        // Whoever comes meanwhile gets what is known.
        let Ok(_turn) = self.turn.try_lock() else {
            return known.content;
        };
        let (config, before) = (Arc::clone(&self.config), Arc::clone(&known.content));
        let looked = tokio::task::spawn_blocking(move || {
            let content = Content::look(&config, &before);
            warn_of(&content, &before);
            Arc::new(content)
        });
        let Ok(content) = looked.await else {
            return known.content;
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known {
            since: now,
            content: Arc::clone(&content),
        };
        content
    }

    /// A page: the operator's, or what we say of a server in its place.
    pub(crate) async fn page(&self, name: PageName, now: Timestamp) -> Option<Arc<SitePage>> {
        let content = self.content(now).await;
        match (content.page(name), name) {
            (Some(page), _) => Some(Arc::clone(page)),
            (None, PageName::About) => Some(Arc::clone(&self.default_about)),
            (None, PageName::Landing) => None,
        }
    }

    /// A picture, beside the pages or among the news; `None` if there is none that may be shown.
    pub(crate) async fn picture(&self, name: &FileName) -> Option<Picture> {
        let folder = self.config.pages.clone()?;
        let name = name.to_string();
        let read = tokio::task::spawn_blocking(move || {
            let found: [PathBuf; 2] = [folder.join(&name), folder.join(NEWS_FOLDER).join(&name)];
            let (path, metadata) = found.into_iter().find_map(|path| {
                fs::metadata(&path)
                    .ok()
                    .filter(fs::Metadata::is_file)
                    .map(|found| (path, found))
            })?;
            match text_file::bounded(&path, &metadata, PICTURE_BYTES) {
                Ok(bytes) => Some(Picture {
                    kind: PictureKind::of_pixels(&bytes)?,
                    bytes: bytes.into(),
                }),
                Err(reason) => {
                    tracing::warn!(path = %path.display(), reason, "a picture of the operator's pages cannot be shown");
                    None
                }
            }
        });
        read.await.ok().flatten()
    }
}

/// The day, in UTC, as `2026-11-20`.
pub(crate) fn day(now: Timestamp) -> String {
    let millis = i64::try_from(now.0).unwrap_or(i64::MAX);
    let day = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// What is wrong with the files that the configuration names, a line each: for who checks it.
#[must_use]
pub fn findings(config: &config::Site) -> Vec<String> {
    let content = Content::look(config, &Content::default());
    content.findings.iter().cloned().collect()
}

/// Says in the log what was not wrong before.
fn warn_of(now: &Content, before: &Content) {
    for finding in now.findings.difference(&before.findings) {
        tracing::warn!(finding, "something of the operator's pages cannot be shown");
    }
}
