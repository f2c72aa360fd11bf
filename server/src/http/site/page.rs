//! `GET /v1/site/about` and `GET /v1/site/landing`

use crate::app::{App, Backend};
use crate::http::{HttpProblem, Revalidated};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::site::PageName;

/// What the server is, in the operator's words or in ours.
pub(crate) async fn about<B: Backend>(
    State(app): State<App<B>>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    page(&app, PageName::About, &headers).await
}

/// What somebody sees first, if the operator has written that.
pub(crate) async fn landing<B: Backend>(
    State(app): State<App<B>>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    page(&app, PageName::Landing, &headers).await
}

async fn page<B: Backend>(
    app: &App<B>,
    name: PageName,
    headers: &HeaderMap,
) -> Result<Response, HttpProblem> {
    let page = app
        .site
        .page(name, app.now())
        .await
        .ok_or(ProblemCode::NotFound)?;
    Ok(Revalidated::json(&*page)?.answer(headers))
}
