//! `GET /v1/site/style.css`

use crate::app::{App, Backend};
use crate::http::Revalidated;
use crate::site;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

/// The operator's colours, as the web app's style sheet has them; empty if there are none.
pub(crate) async fn style<B: Backend>(State(app): State<App<B>>, headers: HeaderMap) -> Response {
    let accents = app.site.config().accents();
    let style = accents.as_ref().map(site::style).unwrap_or_default();
    Revalidated::new("text/css; charset=utf-8", style).answer(&headers)
}
