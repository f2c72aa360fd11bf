//! What the operator of the server says: its pages and its news, as trees. What a tree can hold is words, pictures of the server and
//! links; an answer that holds anything else is none.

use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;

pub use sotto_protocol::rest::server::Accent;
pub use sotto_protocol::rest::site::{
    Alignment, Block, FileName, Inline, NewsItem, NewsPage, NewsSlug, NewsSummary, PageName, SiteLink,
    SitePage,
};

impl<P: Platform> Client<P> {
    /// A page that the operator has written, with or without a login; `None` if there is none. What the server is is always told, by the
    /// server's authors where the operator says nothing.
    pub async fn site_page(&self, name: PageName) -> Result<Option<SitePage>, ClientError> {
        Ok(self.api().site_page(name).await?)
    }

    /// The operator's news, the latest first, with or without a login; `before`: [`NewsPage::next`] of the page before.
    pub async fn news(&self, before: Option<&NewsSlug>) -> Result<NewsPage, ClientError> {
        Ok(self.api().news(before).await?)
    }

    /// An item of the operator's news, with or without a login; `None` if there is none.
    pub async fn news_item(&self, slug: &NewsSlug) -> Result<Option<NewsItem>, ClientError> {
        Ok(self.api().news_item(slug).await?)
    }
}
