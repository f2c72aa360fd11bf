//! `/v1/site` and `/v1/news`: what the operator of a server says to everybody, with or without an account.

mod link;
mod news_slug;
mod text;

pub use link::{FileName, InvalidFileName, InvalidLink, SiteLink};
pub use news_slug::{InvalidNewsSlug, NewsSlug};
pub use text::{Alignment, Block, Inline};

use core::fmt;
use serde::{Deserialize, Serialize};

/// A page that an operator can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PageName {
    /// What the server is, who runs it, and what it is for.
    About,
    /// What somebody sees first who is not logged in.
    Landing,
}

impl PageName {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::About, Self::Landing];

    /// The name as paths and JSON have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Landing => "landing",
        }
    }
}

impl fmt::Display for PageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to `GET /v1/site/about` and `GET /v1/site/landing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SitePage {
    /// Its title, which does not stand in its content again.
    pub title: String,
    /// What it says.
    pub content: Vec<Block>,
}

/// The query of `GET /v1/news?before=…&limit=…`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListNews {
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<NewsSlug>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// The answer to `GET /v1/news`: a page of the news, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewsPage {
    /// The items.
    pub items: Vec<NewsSummary>,
    /// Where the next page begins: its `before`. Absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NewsSlug>,
}

/// What a list of news says of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewsSummary {
    /// Its name.
    pub slug: NewsSlug,
    /// Its title.
    pub title: String,
    /// The day, as `2026-11-20`.
    pub date: String,
    /// Its first paragraph as text, shortened if it is long; empty if there is none.
    pub summary: String,
}

/// The answer to `GET /v1/news/{slug}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewsItem {
    /// Its name.
    pub slug: NewsSlug,
    /// Its title, which does not stand in its content again.
    pub title: String,
    /// The day, as `2026-11-20`.
    pub date: String,
    /// What it says.
    pub content: Vec<Block>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pages_name_is_its_json() {
        for name in PageName::ALL {
            assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
        }
    }
}
