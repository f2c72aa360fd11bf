//! `GET /v1/server`

use crate::app::{App, Backend};
use crate::http::{HttpProblem, Revalidated};
use crate::oidc::OpenIdProvider;
use crate::site;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::rest::server::ServerInfo;
use sotto_protocol::rest::site::PageName;

/// What anyone may know of the server before they have an account on it.
pub(crate) async fn info<B: Backend>(
    State(app): State<App<B>>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let now = app.now();
    let content = app.site.content(now).await;
    let site = app.site.config();
    let info = ServerInfo {
        registration: app.config.registration.policy,
        passkeys: app.passkeys.is_some(),
        oidc: app.oidc.as_ref().map(OpenIdProvider::info),
        name: site.name.clone(),
        accent: site.accents(),
        logo: content.logo().is_some(),
        about: content.page(PageName::About).is_some(),
        landing: content.page(PageName::Landing).is_some(),
        news: content.news(&site::day(now)).next().is_some(),
        topics: app.config.communities.topics.clone(),
    };
    Ok(Revalidated::json(&info)?.answer(&headers))
}
