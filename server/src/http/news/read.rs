//! `GET /v1/news/{slug}`

use crate::app::{App, Backend};
use crate::http::path::PathPart;
use crate::http::{HttpProblem, Path, Revalidated};
use crate::site;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::site::NewsSlug;

impl PathPart for NewsSlug {
    const PROBLEM: ProblemCode = ProblemCode::NotFound;
}

/// An item of news.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    Path(slug): Path<NewsSlug>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let now = app.now();
    let content = app.site.content(now).await;
    let article = content
        .article(&slug, &site::day(now))
        .ok_or(ProblemCode::NotFound)?;
    Ok(Revalidated::json(&article.item)?.answer(&headers))
}
