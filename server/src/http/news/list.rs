//! `GET /v1/news?before=…&limit=…`

use crate::app::{App, Backend};
use crate::http::{HttpProblem, Query, Revalidated};
use crate::site;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::limits;
use sotto_protocol::rest::site::{ListNews, NewsPage};

/// Items of a page that does not say how many.
const LIMIT: u16 = 20;

/// A page of the news, the latest first.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    Query(ListNews { before, limit }): Query<ListNews>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let limit = usize::from(limit.unwrap_or(LIMIT).min(limits::NEWS_READ));
    let now = app.now();
    let content = app.site.content(now).await;
    let today = site::day(now);
    // One more tells whether there is another page.
    let mut items: Vec<_> = match &before {
        Some(slug) => content
            .news_before(slug, &today)
            .take(limit + 1)
            .map(|article| article.summary.clone())
            .collect(),
        None => content
            .news(&today)
            .take(limit + 1)
            .map(|article| article.summary.clone())
            .collect(),
    };
    let has_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().map(|item| item.slug.clone());
    let page = NewsPage {
        next: last.filter(|_| has_more),
        items,
    };
    Ok(Revalidated::json(&page)?.answer(&headers))
}
