//! What the operator of a server says: its pages and its news. The trees are as the server sends them; the npm package's `site.ts`
//! describes them.

use serde::{Deserialize, Serialize};
use sotto_client_sdk::site as sdk;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::types::given;

#[derive(Tsify, Serialize)]
pub struct Accent {
    light: String,
    dark: String,
}

impl From<sdk::Accent> for Accent {
    fn from(accent: sdk::Accent) -> Self {
        Self {
            light: accent.light,
            dark: accent.dark,
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageName {
    About,
    Landing,
}

impl From<PageName> for sdk::PageName {
    fn from(name: PageName) -> Self {
        match name {
            PageName::About => Self::About,
            PageName::Landing => Self::Landing,
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct SitePage {
    title: String,
    #[tsify(type = "unknown[]")]
    content: Vec<sdk::Block>,
}

impl From<sdk::SitePage> for SitePage {
    fn from(page: sdk::SitePage) -> Self {
        Self {
            title: page.title,
            content: page.content,
        }
    }
}

#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(transparent)]
pub struct FoundPage(Option<SitePage>);

impl From<Option<sdk::SitePage>> for FoundPage {
    fn from(page: Option<sdk::SitePage>) -> Self {
        Self(page.map(Into::into))
    }
}

#[derive(Tsify, Serialize)]
pub struct NewsSummary {
    slug: String,
    title: String,
    date: String,
    summary: String,
}

impl From<sdk::NewsSummary> for NewsSummary {
    fn from(item: sdk::NewsSummary) -> Self {
        Self {
            slug: item.slug.to_string(),
            title: item.title,
            date: item.date,
            summary: item.summary,
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct NewsPage {
    items: Vec<NewsSummary>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<sdk::NewsPage> for NewsPage {
    fn from(page: sdk::NewsPage) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            next: page.next.map(|slug| slug.to_string()),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct NewsItem {
    slug: String,
    title: String,
    date: String,
    #[tsify(type = "unknown[]")]
    content: Vec<sdk::Block>,
}

impl From<sdk::NewsItem> for NewsItem {
    fn from(item: sdk::NewsItem) -> Self {
        Self {
            slug: item.slug.to_string(),
            title: item.title,
            date: item.date,
            content: item.content,
        }
    }
}

#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(transparent)]
pub struct FoundNews(Option<NewsItem>);

impl From<Option<sdk::NewsItem>> for FoundNews {
    fn from(item: Option<sdk::NewsItem>) -> Self {
        Self(item.map(Into::into))
    }
}

fn slug(text: &str) -> Answer<sdk::NewsSlug> {
    text.parse().map_err(|_| Rejection::invalid("slug"))
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = sitePage)]
    pub async fn site_page(&self, name: Ts<PageName>) -> Answer<Ts<FoundPage>> {
        let name = name.to_rust().map_err(|_| Rejection::invalid("name"))?;
        given(self.sdk.site_page(name.into()).await?)
    }

    pub async fn news(&self, before: Option<String>) -> Answer<Ts<NewsPage>> {
        let before = before.as_deref().map(slug).transpose()?;
        given(self.sdk.news(before.as_ref()).await?)
    }

    #[wasm_bindgen(js_name = newsItem)]
    pub async fn news_item(&self, name: String) -> Answer<Ts<FoundNews>> {
        // What is no name of an item is not the name of one.
        let Ok(slug) = name.parse() else {
            return given(None::<sdk::NewsItem>);
        };
        given(self.sdk.news_item(&slug).await?)
    }
}
