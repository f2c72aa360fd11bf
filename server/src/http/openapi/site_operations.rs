//! The operations on what the operator says.

use super::operations::{Operation, limit};
use super::schemas::Schemas;
use ProblemCode as P;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::server::ServerInfo;
use sotto_protocol::rest::site::{FileName, NewsItem, NewsPage, NewsSlug, SitePage};

pub(super) fn site_operations() -> Vec<Operation> {
    let get = |path, id, summary| Operation::new("get", path, id, summary);
    let mut list = get("/v1/news", "listNews", "The operator's news, the latest first")
        .parameter(
            "query",
            "before",
            "`next` of the page before.",
            Schemas::of::<NewsSlug>,
        )
        .parameter("query", "limit", "At most so many, and at most 50.", limit)
        .answers::<NewsPage>(200, "A page of them.");
    for parameter in &mut list.parameters {
        parameter.required = false;
    }
    let operations = [
        get("/v1/server", "serverInfo", "What anyone may know of this server")
            .answers::<ServerInfo>(200, "What it tells."),
        get("/v1/site/about", "aboutPage", "What this server is")
            .answers::<SitePage>(200, "The operator's words, or ours if there are none."),
        get(
            "/v1/site/landing",
            "landingPage",
            "What somebody sees first, in the operator's words",
        )
        .answers::<SitePage>(200, "The words.")
        .fails(&[P::NotFound]),
        get("/v1/site/logo", "siteLogo", "The operator's logo")
            .answers_bytes(200, "A picture, SVG or PNG.", "image/*")
            .fails(&[P::NotFound]),
        get(
            "/v1/site/style.css",
            "siteStyle",
            "The operator's colours, for the web app",
        )
        .answers_bytes(200, "A style sheet; an empty one if there are none.", "text/css"),
        get(
            "/v1/site/file/{name}",
            "siteFile",
            "A picture of the operator's pages",
        )
        .parameter("path", "name", "The file's name.", Schemas::of::<FileName>)
        .answers_bytes(200, "The picture.", "image/*")
        .fails(&[P::NotFound]),
        list,
        get("/v1/news/feed", "newsFeed", "The operator's news as an Atom feed").answers_bytes(
            200,
            "The feed.",
            "application/atom+xml",
        ),
        get("/v1/news/{slug}", "newsItem", "An item of the operator's news")
            .parameter("path", "slug", "The item.", Schemas::of::<NewsSlug>)
            .answers::<NewsItem>(200, "The item.")
            .fails(&[P::NotFound]),
    ];
    let mut all: Vec<_> = operations
        .into_iter()
        .map(Operation::answers_conditionally)
        .collect();
    all.push(
        get(
            "/v1/docs",
            "docs",
            "A page to read this description and to try it",
        )
        .answers_bytes(200, "The page.", "text/html")
        .answers_conditionally()
        .fails(&[P::NotFound]),
    );
    all
}
