//! All that the operator says, as the files say it at one moment.

use super::markdown;
use super::picture::{self, PictureKind};
use super::text_file::{Text, TextFile, Version, bounded};
use crate::config;
use bytes::Bytes;
use sotto_protocol::rest::site::{Block, FileName, NewsItem, NewsSlug, NewsSummary, PageName, SitePage};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Items of news: the latest ones.
const NEWS: usize = 1_000;

/// Files in one folder.
const FILES: usize = 10_000;

/// Bytes of a logo.
const LOGO_BYTES: u64 = 512 * 1024;

/// Characters of the first paragraph that a list of news shows.
const SUMMARY: usize = 280;

/// The folder of the news, in that of the pages.
pub(super) const NEWS_FOLDER: &str = "news";

const EXTENSION: &str = "md";

/// All that the operator says, as the files say it at one moment.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pages: BTreeMap<PageName, Arc<SitePage>>,
    news: BTreeMap<NewsSlug, Arc<Article>>,
    logo: Option<Logo>,
    /// What is wrong with the files, a line each.
    pub(super) findings: BTreeSet<String>,
    files: HashMap<PathBuf, TextFile>,
}

/// An item of news.
#[derive(Debug)]
pub(crate) struct Article {
    /// What a list says of it.
    pub(crate) summary: NewsSummary,
    /// All that it says.
    pub(crate) item: NewsItem,
}

/// The logo.
#[derive(Clone, Debug)]
pub(crate) struct Logo {
    /// SVG or PNG.
    pub(crate) kind: PictureKind,
    /// How large it is, as a web app's manifest has it.
    pub(crate) sizes: String,
    /// The file.
    pub(crate) bytes: Bytes,
    version: Version,
}

impl Content {
    /// Looks at the files, and reads those anew that have changed.
    pub(super) fn look(site: &config::Site, before: &Self) -> Self {
        let mut now = Self::default();
        if let Some(path) = &site.logo {
            match look_at_logo(path, before.logo.as_ref()) {
                Ok(logo) => now.logo = Some(logo),
                Err(reason) => now.find(path, &reason),
            }
        }
        let Some(folder) = &site.pages else {
            return now;
        };
        let news = folder.join(NEWS_FOLDER);
        let beside = now.list(folder);
        let among_news = if news.is_dir() {
            now.list(&news)
        } else {
            BTreeSet::new()
        };
        let has = |name: &FileName| beside.contains(name.as_str()) || among_news.contains(name.as_str());
        for name in PageName::ALL {
            let path = folder.join(name.as_str()).with_extension(EXTENSION);
            if let Some(file) = now.look_at(&path, before, has)
                && let Ok(text) = &*file.read
                && !text.is_draft
            {
                let page = SitePage {
                    title: text
                        .title
                        .clone()
                        .unwrap_or_else(|| default_title(name, &site.name)),
                    content: text.document.content.clone(),
                };
                now.pages.insert(name, Arc::new(page));
            }
        }
        // The latest are greatest.
        let texts = among_news
            .iter()
            .rev()
            .filter_map(|name| name.strip_suffix(".md"));
        for (position, stem) in texts.enumerate() {
            let path = news.join(stem).with_extension(EXTENSION);
            if position == NEWS {
                now.find(
                    &path,
                    &format!("and all before it: there are more than {NEWS} items"),
                );
                break;
            }
            let slug = match stem.parse::<NewsSlug>() {
                Ok(slug) if slug.date().parse::<jiff::civil::Date>().is_ok() => slug,
                Ok(_) => {
                    now.find(
                        &path,
                        "its name begins with a day that the calendar does not have",
                    );
                    continue;
                }
                Err(error) => {
                    now.find(&path, &format!("its name is none of an item of news: {error}"));
                    continue;
                }
            };
            if let Some(file) = now.look_at(&path, before, has)
                && let Ok(text) = &*file.read
                && !text.is_draft
            {
                now.news.insert(slug.clone(), Arc::new(Article::new(slug, text)));
            }
        }
        now
    }

    /// A page, if the operator has written it.
    pub(crate) fn page(&self, name: PageName) -> Option<&Arc<SitePage>> {
        self.pages.get(&name)
    }

    /// The logo.
    pub(crate) const fn logo(&self) -> Option<&Logo> {
        self.logo.as_ref()
    }

    /// The news up to and with `today`, the latest first.
    pub(crate) fn news(&self, today: &str) -> impl Iterator<Item = &Arc<Article>> {
        let is_out = move |slug: &NewsSlug| slug.date() <= today;
        self.news
            .iter()
            .rev()
            .filter(move |(slug, _)| is_out(slug))
            .map(|(_, article)| article)
    }

    /// The news before `slug`, the latest first.
    pub(crate) fn news_before(&self, slug: &NewsSlug, today: &str) -> impl Iterator<Item = &Arc<Article>> {
        self.news(today)
            .skip_while(move |article| article.item.slug >= *slug)
    }

    /// An item of news, if its day has come.
    pub(crate) fn article(&self, slug: &NewsSlug, today: &str) -> Option<&Arc<Article>> {
        self.news.get(slug).filter(|_| slug.date() <= today)
    }

    fn find(&mut self, path: &Path, reason: &str) {
        self.findings.insert(format!("{}: {reason}", path.display()));
    }

    /// The names of what is in a folder.
    fn list(&mut self, folder: &Path) -> BTreeSet<String> {
        match fs::read_dir(folder) {
            Ok(entries) => entries
                .take(FILES)
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .collect(),
            Err(error) => {
                self.find(folder, &format!("cannot be read: {error}"));
                BTreeSet::new()
            }
        }
    }

    /// A text, and what is wrong with it.
    fn look_at(&mut self, path: &Path, before: &Self, has: impl Fn(&FileName) -> bool) -> Option<TextFile> {
        let file = TextFile::look(path, before.files.get(path))?;
        match &*file.read {
            Ok(Text { document, .. }) => {
                for finding in &document.left_out {
                    self.find(path, finding);
                }
                for missing in document.pictures.iter().filter(|name| !has(name)) {
                    self.find(path, &format!("there is no picture {missing}"));
                }
            }
            Err(reason) => self.find(path, reason),
        }
        self.files.insert(path.to_owned(), file.clone());
        Some(file)
    }
}

impl Article {
    fn new(slug: NewsSlug, text: &Text) -> Self {
        let title = text
            .title
            .clone()
            .unwrap_or_else(|| slug.words().replace('-', " "));
        let date = slug.date().to_owned();
        let content = text.document.content.clone();
        Self {
            summary: NewsSummary {
                slug: slug.clone(),
                title: title.clone(),
                date: date.clone(),
                summary: summary(&content),
            },
            item: NewsItem {
                slug,
                title,
                date,
                content,
            },
        }
    }
}

/// The title of a page that has none.
pub(super) fn default_title(name: PageName, site: &str) -> String {
    match name {
        PageName::About => format!("About {site}"),
        PageName::Landing => site.to_owned(),
    }
}

/// The words of the first paragraph.
fn summary(content: &[Block]) -> String {
    let first = content.iter().find_map(|block| match block {
        Block::Paragraph { content } => Some(markdown::plain(content)),
        Block::Heading { .. }
        | Block::List { .. }
        | Block::Quote { .. }
        | Block::Code { .. }
        | Block::Table { .. }
        | Block::Rule => None,
    });
    let words: Vec<_> = first.iter().flat_map(|text| text.split_whitespace()).collect();
    let text = words.join(" ");
    match text.char_indices().nth(SUMMARY) {
        None => text,
        Some((end, _)) => {
            let cut = text.get(..end).unwrap_or_default();
            let whole_words = cut.rsplit_once(' ').map_or(cut, |(words, _)| words);
            format!("{whole_words}…")
        }
    }
}

fn look_at_logo(path: &Path, before: Option<&Logo>) -> Result<Logo, String> {
    let metadata = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    let version = Version::of(&metadata);
    if let Some(before) = before.filter(|before| before.version == version) {
        return Ok(before.clone());
    }
    let bytes = bounded(path, &metadata, LOGO_BYTES)?;
    let kind = PictureKind::of_logo(&bytes).ok_or("is neither SVG nor PNG")?;
    Ok(Logo {
        kind,
        sizes: picture::sizes(kind, &bytes),
        bytes: bytes.into(),
        version,
    })
}
