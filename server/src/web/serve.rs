//! `GET` of everything that is no interface: files, and the app's page for every path that it routes by itself.

use super::assets::Asset;
use super::brand::{Brand, BrandLogo, MANIFEST, PAGE};
use super::policy::{API_DOCS_POLICY, PAGE_POLICY};
use crate::app::{App, Backend};
use crate::http::{HttpProblem, entity_tag, is_known};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sha2::{Digest as _, Sha256};
use sotto_protocol::ProblemCode;

/// The page of the interface, at `/v1/docs`.
const API_DOCS: &str = "api-docs.html";

/// The folder whose files have a hash of their content in their names.
const HASHED: &str = "assets/";

/// Encodings that the build leaves beside a file, the better one first.
const PRECOMPRESSED: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Serves a file, or the app's page.
pub(crate) async fn serve<B: Backend>(
    State(app): State<App<B>>,
    request: Request,
) -> Result<Response, HttpProblem> {
    let path = request.uri().path().trim_start_matches('/');
    // The interface's own paths that are none of its routes, in spellings that the router does not take for its.
    if path.split('/').next() == Some("v1") {
        return Err(ProblemCode::NotFound.into());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(only_get());
    }
    let path = if path.is_empty() { PAGE } else { path };
    let path = match find(&app, path).await? {
        Some(_) => path,
        None if is_page(path, request.headers()) => PAGE,
        None => return Err(ProblemCode::NotFound.into()),
    };
    if matches!(path, PAGE | MANIFEST) && app.site.is_branded() {
        let asset = branded(&app, path).await?;
        return Ok(respond(path, None, asset, &request));
    }
    let (encoding, asset) = negotiate(&app, path, request.headers()).await?;
    Ok(respond(path, encoding, asset, &request))
}

/// Serves the page of the interface, which is no page of the app.
pub(crate) async fn api_docs<B: Backend>(
    State(app): State<App<B>>,
    request: Request,
) -> Result<Response, HttpProblem> {
    let (encoding, asset) = negotiate(&app, API_DOCS, request.headers()).await?;
    Ok(respond(API_DOCS, encoding, asset, &request))
}

/// The file as the operator wants it.
async fn branded<B: Backend>(app: &App<B>, path: &str) -> Result<Asset, HttpProblem> {
    let asset = find(app, path).await?.ok_or(ProblemCode::NotFound)?;
    let content = app.site.content(app.now()).await;
    let site = app.site.config();
    let brand = Brand {
        name: &site.name,
        accent: site.accents(),
        logo: content.logo().map(|logo| BrandLogo {
            media_type: logo.kind.media_type(),
            sizes: &logo.sizes,
        }),
    };
    let branded = if path == PAGE {
        str::from_utf8(&asset.content).ok().map(|page| brand.page(page))
    } else {
        let manifest = serde_json::from_slice(&asset.content).ok();
        manifest.map(|manifest| brand.manifest(manifest).to_string())
    };
    let content = branded.map_or(asset.content, Into::into);
    Ok(Asset {
        hash: Sha256::digest(&content).into(),
        content,
    })
}

async fn find<B: Backend>(app: &App<B>, path: &str) -> Result<Option<Asset>, HttpProblem> {
    app.assets
        .get(path)
        .await
        .map_err(|error| HttpProblem::internal(&error))
}

/// Whether the app routes this path by itself: it looks like no file, or a browser asks for a page. (`/dm/alice.b` is
/// a page.)
fn is_page(path: &str, headers: &HeaderMap) -> bool {
    let has_extension = path.rsplit('/').next().is_some_and(|file| file.contains('.'));
    let wants_page = text(headers, &ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    !path.starts_with(HASHED) && (!has_extension || wants_page)
}

/// The smallest form of the file that the client takes.
async fn negotiate<B: Backend>(
    app: &App<B>,
    path: &str,
    headers: &HeaderMap,
) -> Result<(Option<&'static str>, Asset), HttpProblem> {
    for (encoding, extension) in PRECOMPRESSED {
        if accepts(headers, encoding)
            && let Some(asset) = find(app, &format!("{path}{extension}")).await?
        {
            return Ok((Some(encoding), asset));
        }
    }
    let asset = find(app, path).await?.ok_or(ProblemCode::NotFound)?;
    Ok((None, asset))
}

/// Whether `Accept-Encoding` names the encoding, and not as unwanted (RFC 9110, section 12.5.3).
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    text(headers, &ACCEPT_ENCODING)
        .into_iter()
        .flat_map(|accepted| accepted.split(','))
        .any(|accepted| {
            let (name, weight) = accepted.split_once(';').unwrap_or((accepted, "q=1"));
            let refused = weight
                .trim()
                .strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0);
            name.trim().eq_ignore_ascii_case(encoding) && !refused
        })
}

fn respond(path: &str, encoding: Option<&'static str>, asset: Asset, request: &Request) -> Response {
    let etag = entity_tag(&asset.hash);
    let unchanged = is_known(request.headers(), &etag);
    let length = asset.content.len();
    let content_type = content_type(path);
    let mut response = match (unchanged, request.method() == Method::HEAD) {
        (true, _) | (_, true) => Response::new(Body::empty()),
        (false, false) => Response::new(asset.content.into()),
    };
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(if path.starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }),
    );
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    // A worker is bound by the policy of its own script, not by its page's (CSP 3, section 4.2.1).
    let policy = match path {
        PAGE => Some(PAGE_POLICY),
        API_DOCS => Some(API_DOCS_POLICY),
        _ if content_type.starts_with("text/javascript") => Some(PAGE_POLICY),
        _ => None,
    };
    if let Some(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if !unchanged {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        if let Ok(content_type) = HeaderValue::from_str(&content_type) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

fn content_type(path: &str) -> String {
    let guessed = mime_guess::from_path(path).first_or_octet_stream();
    let is_text =
        guessed.type_() == mime_guess::mime::TEXT || guessed.subtype() == mime_guess::mime::JAVASCRIPT;
    if is_text {
        format!("{}; charset=utf-8", guessed.essence_str())
    } else {
        guessed.essence_str().to_owned()
    }
}

fn only_get() -> Response {
    use axum::response::IntoResponse as _;
    let mut response = HttpProblem::from(ProblemCode::MethodNotAllowed).into_response();
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET,HEAD"));
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_name_with_a_dot_is_a_page_and_a_missing_asset_is_not() {
        let browser = headers(ACCEPT, "text/html,application/xhtml+xml");
        let script = headers(ACCEPT, "*/*");
        assert!(is_page("dm/alice.b", &browser));
        assert!(is_page("dm/alice", &script));
        assert!(!is_page("favicon.ico", &script));
        assert!(!is_page("assets/index-12345678.js", &browser));
    }

    #[test]
    fn an_encoding_counts_unless_its_weight_is_zero() {
        assert!(accepts(
            &headers(ACCEPT_ENCODING, "gzip, deflate, br, zstd"),
            "br"
        ));
        assert!(accepts(&headers(ACCEPT_ENCODING, "br;q=0.5"), "br"));
        assert!(!accepts(&headers(ACCEPT_ENCODING, "gzip, br;q=0"), "br"));
        assert!(!accepts(&headers(ACCEPT_ENCODING, "brotli"), "br"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn types_are_those_that_browsers_insist_on() {
        assert_eq!(content_type("a.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("a.wasm"), "application/wasm");
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("manifest.webmanifest"), "application/manifest+json");
        assert_eq!(content_type("icon.svg"), "image/svg+xml");
    }
}
