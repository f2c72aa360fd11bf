//! `/v1/site` and `/v1/news`: what anyone may read, with or without a session.

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use core::fmt::Write as _;
use serde::de::DeserializeOwned;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::site::{NewsItem, NewsPage, NewsSlug, PageName, SitePage};

impl<P: Platform> Api<P> {
    /// `GET /v1/site/about` and `GET /v1/site/landing`; `None` if there is no such page.
    pub(crate) async fn site_page(&self, name: PageName) -> Result<Option<SitePage>, ApiError> {
        self.read_if_there(format!("/v1/site/{name}")).await
    }

    /// `GET /v1/news?limit=…&before=…`
    pub(crate) async fn news(&self, before: Option<&NewsSlug>) -> Result<NewsPage, ApiError> {
        let mut path = "/v1/news?limit=20".to_owned();
        if let Some(slug) = before {
            // Writing to a string has no error to return.
            let _ = write!(path, "&before={slug}");
        }
        self.call_with(Method::Get, path, None, NO_BODY).await
    }

    /// `GET /v1/news/{slug}`; `None` if there is no such item.
    pub(crate) async fn news_item(&self, slug: &NewsSlug) -> Result<Option<NewsItem>, ApiError> {
        self.read_if_there(format!("/v1/news/{slug}")).await
    }

    async fn read_if_there<R: DeserializeOwned>(&self, path: String) -> Result<Option<R>, ApiError> {
        match self.call_with(Method::Get, path, None, NO_BODY).await {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.code() == Some(ProblemCode::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
