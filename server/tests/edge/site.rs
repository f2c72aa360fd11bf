use crate::support::{Answer, TestServer};
use http::StatusCode;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::server::ServerInfo;
use sotto_protocol::rest::site::{NewsItem, NewsPage, SitePage};
use std::fs;
use tempfile::TempDir;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";
const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
const PAGE: &str = "<!doctype html><head><title>Sotto</title></head>";
const MANIFEST: &str = "{\"name\":\"Sotto\",\"short_name\":\"Sotto\",\"start_url\":\"/\"}";

/// A server whose operator says something.
async fn spoken_for() -> (TempDir, TestServer) {
    let folder = tempfile::tempdir().unwrap();
    let web = folder.path().join("web");
    fs::create_dir_all(folder.path().join("pages/news")).unwrap();
    fs::create_dir(&web).unwrap();
    for (path, content) in [
        (
            "pages/landing.md",
            "# Come in\n\n![The lake](lake.png)".as_bytes(),
        ),
        (
            "pages/news/2020-11-18-one.md",
            b"# One\n\nThe *first* <b>news</b>.",
        ),
        ("pages/news/2020-11-19-two.md", b"Two."),
        ("pages/news/2020-11-20-three.md", b"Three."),
        ("pages/news/9999-01-01-never.md", b"Not yet."),
        ("pages/lake.png", PNG),
        ("pages/news/page.png", b"<html>"),
        ("logo.svg", LOGO.as_bytes()),
        ("web/index.html", PAGE.as_bytes()),
        ("web/manifest.webmanifest", MANIFEST.as_bytes()),
        ("web/api-docs.html", b"<!doctype html>"),
    ] {
        fs::write(folder.path().join(path), content).unwrap();
    }
    let at = folder.path().to_owned();
    let server = TestServer::start_with(|config| {
        "K\u{f6}ln & Co".clone_into(&mut config.site.name);
        config.site.accent = Some("#1a2b8c".parse().unwrap());
        config.site.logo = Some(at.join("logo.svg"));
        config.site.pages = Some(at.join("pages"));
        config.site.address = Some("https://chat.example.org".to_owned());
        config.web.directory = Some(web);
    })
    .await;
    (folder, server)
}

#[tokio::test]
async fn a_server_says_what_it_is_called_and_what_it_has_to_say() {
    let (_folder, server) = spoken_for().await;
    let info: ServerInfo = server.get("/v1/server").send().await.ok();
    assert_eq!(info.name, "K\u{f6}ln & Co");
    assert_eq!(info.accent.unwrap().light, "#1a2b8c");
    assert!(info.logo && !info.about && info.landing && info.news);

    let landing: SitePage = server.get("/v1/site/landing").send().await.ok();
    assert_eq!(landing.title, "Come in");
    let about: SitePage = server.get("/v1/site/about").send().await.ok();
    assert_eq!(about.title, "About K\u{f6}ln & Co");

    let plain = TestServer::start().await;
    let info: ServerInfo = plain.get("/v1/server").send().await.ok();
    assert_eq!((info.name.as_str(), info.accent), ("Sotto", None));
    assert!(!info.logo && !info.about && !info.landing && !info.news);
    for path in ["/v1/site/landing", "/v1/site/logo", "/v1/news/2020-11-20-a"] {
        plain.get(path).send().await.is(ProblemCode::NotFound);
    }
    assert_eq!(
        plain.get("/v1/news").send().await.ok::<NewsPage>(),
        NewsPage::default()
    );
    assert_eq!(plain.get("/v1/site/style.css").send().await.body, b"");
}

#[tokio::test]
async fn the_app_has_the_operators_name_and_colours_from_the_first_byte_on() {
    let (_folder, server) = spoken_for().await;
    let page = server.get("/dm/ada").send().await;
    let text = String::from_utf8(page.body.clone()).unwrap();
    assert!(text.contains("<title>K\u{f6}ln &amp; Co</title>"), "{text}");
    assert!(
        text.contains("<link rel=\"stylesheet\" href=\"/v1/site/style.css\" /></head>"),
        "{text}"
    );
    assert!(
        page.header("content-security-policy")
            .contains("style-src 'self';")
    );
    let style = server.get("/v1/site/style.css").send().await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(
        String::from_utf8(style.body)
            .unwrap()
            .contains("--accent:#1a2b8c")
    );
    let manifest = server.get("/manifest.webmanifest").send().await;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.body).unwrap();
    assert_eq!(manifest["name"], "K\u{f6}ln & Co");
    assert_eq!(manifest["icons"][0]["src"], "/v1/site/logo");
}

#[tokio::test]
async fn news_come_page_by_page_as_trees_and_as_a_feed() {
    let (_folder, server) = spoken_for().await;
    let list = async |query: &str| -> NewsPage { server.get(&format!("/v1/news{query}")).send().await.ok() };
    let first = list("?limit=2").await;
    let titles: Vec<_> = first.items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["three", "two"]);
    let second = list(&format!("?before={}", first.next.unwrap())).await;
    assert_eq!((second.items.len(), second.next), (1, None));
    let one = &second.items[0];
    assert_eq!((one.title.as_str(), one.date.as_str()), ("One", "2020-11-18"));
    assert_eq!(one.summary, "The first <b>news</b>.");

    let item = server.get(&format!("/v1/news/{}", one.slug)).send().await;
    assert!(!String::from_utf8(item.body.clone()).unwrap().contains("<p>"));
    assert_eq!(item.ok::<NewsItem>().title, "One");
    for path in ["9999-01-01-never", "2020-11-18-other", "..%2fabout", "about"] {
        server
            .get(&format!("/v1/news/{path}"))
            .send()
            .await
            .is(ProblemCode::NotFound);
    }
    for query in ["?limit=0", "?before=x", "?limit=x", "?after=x"] {
        server
            .get(&format!("/v1/news{query}"))
            .send()
            .await
            .is(ProblemCode::InvalidRequest);
    }

    let feed = server.get("/v1/news/feed").send().await;
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    let feed = String::from_utf8(feed.body).unwrap();
    for expected in [
        "<title>K\u{f6}ln &amp; Co</title>",
        "<updated>2020-11-20T00:00:00Z</updated>",
        "<id>tag:chat.example.org,2020-11-18:/news/2020-11-18-one</id>",
        "<link rel=\"alternate\" href=\"https://chat.example.org/news/2020-11-18-one\"/>",
        "&lt;p&gt;The &lt;em&gt;first&lt;/em&gt; &amp;lt;b&amp;gt;news&amp;lt;/b&amp;gt;.&lt;/p&gt;",
    ] {
        assert!(feed.contains(expected), "{expected}: {feed}");
    }
    assert_eq!(feed.matches("<entry>").count(), 3);
}

#[tokio::test]
async fn pictures_are_what_they_are_and_run_nothing() {
    let (folder, server) = spoken_for().await;
    fs::write(folder.path().join("secret.png"), PNG).unwrap();
    let lake = server.get("/v1/site/file/lake.png").send().await;
    assert_eq!((lake.header("content-type"), &*lake.body), ("image/png", PNG));
    assert!(
        lake.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    for name in [
        "page.png",
        "landing.md",
        "..%2fsecret.png",
        "%2e%2e",
        "news",
        "none.png",
        "a%00",
    ] {
        let answer = server.get(&format!("/v1/site/file/{name}")).send().await;
        answer.is(ProblemCode::NotFound);
    }
    let logo = server.get("/v1/site/logo").send().await;
    assert_eq!(
        (logo.header("content-type"), &*logo.body),
        ("image/svg+xml", LOGO.as_bytes())
    );
    let policy = logo.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.ends_with("sandbox"),
        "{policy}"
    );
    assert_eq!(logo.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn whoever_has_what_the_operator_says_is_not_sent_it_again() {
    let (_folder, server) = spoken_for().await;
    for path in [
        "/v1/server",
        "/v1/site/about",
        "/v1/site/landing",
        "/v1/site/logo",
        "/v1/site/style.css",
        "/v1/site/file/lake.png",
        "/v1/news",
        "/v1/news/2020-11-18-one",
        "/v1/news/feed",
        "/v1/docs",
        "/",
        "/manifest.webmanifest",
    ] {
        let first: Answer = server.get(path).send().await;
        assert_eq!(first.status, StatusCode::OK, "{path}");
        assert_eq!(first.header("cache-control"), "no-cache", "{path}");
        let known = first.header("etag");
        assert!(!known.is_empty(), "{path}");
        let again = server.get(path).header("if-none-match", known).send().await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_page_of_the_interface_has_a_policy_of_its_own() {
    let (_folder, server) = spoken_for().await;
    let page = server.get("/v1/docs").send().await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
}
