//! `GET /v1/news/feed`

use crate::app::{App, Backend};
use crate::http::{HttpProblem, Revalidated};
use crate::site::{self, Feed};
use axum::extract::State;
use axum::response::Response;
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};

/// The news as an Atom feed.
pub(crate) async fn feed<B: Backend>(
    State(app): State<App<B>>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let now = app.now();
    let config = app.site.config();
    let host = host(config.address.as_deref(), &headers);
    let about = Feed {
        name: &config.name,
        base: config.address.as_deref().unwrap_or_default(),
        authority: &host,
    };
    let content = app.site.content(now).await;
    let today = site::day(now);
    let articles = content.news(&today).map(AsRef::as_ref);
    let feed = site::feed(&about, articles).map_err(|error| HttpProblem::internal(&error))?;
    Ok(Revalidated::new("application/atom+xml; charset=utf-8", feed).answer(&headers))
}

/// The server's name in DNS: as it is configured, or as the client knows it.
fn host(address: Option<&str>, headers: &HeaderMap) -> String {
    let configured = address
        .and_then(|address| address.parse::<Uri>().ok())
        .and_then(|uri| uri.host().map(ToOwned::to_owned));
    let asked = || {
        let host: Authority = headers.get(HOST)?.to_str().ok()?.parse().ok()?;
        Some(host.host().to_owned())
    };
    configured
        .or_else(asked)
        .unwrap_or_else(|| "localhost".to_owned())
}
