//! The web app with the operator's name, colours and logo: its page and its manifest, as the server hands them out. The app never
//! shows another name first.

use maud::html;
use serde_json::{Value, json};
use sotto_protocol::rest::server::{Accent, DEFAULT_NAME};

/// The web app's page.
pub(super) const PAGE: &str = "index.html";

/// What browsers install the app by.
pub(super) const MANIFEST: &str = "manifest.webmanifest";

/// How the web app looks.
pub(super) struct Brand<'a> {
    pub(super) name: &'a str,
    pub(super) accent: Option<Accent>,
    pub(super) logo: Option<BrandLogo<'a>>,
}

/// What is said of a logo.
pub(super) struct BrandLogo<'a> {
    pub(super) media_type: &'static str,
    pub(super) sizes: &'a str,
}

impl Brand<'_> {
    /// The page with all that. A page that does not have what is to be replaced stays as it is.
    pub(super) fn page(&self, page: &str) -> String {
        let name = html! { (self.name) }.into_string();
        // Behind it stand words alone, and the name is a part of them.
        let (head, without_script) = page.split_at(page.find("<noscript>").unwrap_or(page.len()));
        let mut page =
            head.replace(
                &format!("<title>{DEFAULT_NAME}</title>"),
                &format!("<title>{name}</title>"),
            )
            .replace(
                &format!("content=\"{DEFAULT_NAME}\""),
                &format!("content=\"{name}\""),
            ) + &without_script.replace(DEFAULT_NAME, &name);
        if self.logo.is_some() {
            page = page
                .replace(
                    "<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"",
                    "<link rel=\"icon\" href=\"/v1/site/logo\"",
                )
                .replace(
                    "<link rel=\"apple-touch-icon\" href=\"/icon-180.png\"",
                    "<link rel=\"apple-touch-icon\" href=\"/v1/site/logo\"",
                );
        }
        if let Some(Accent { light, .. }) = &self.accent {
            let theme =
                |colour: &str| format!("content=\"{colour}\" media=\"(prefers-color-scheme: light)\"");
            page = page.replace(&theme("#faf8f4"), &theme(light)).replace(
                "</head>",
                // Behind the app's own, whose colours it replaces.
                "<link rel=\"stylesheet\" href=\"/v1/site/style.css\" /></head>",
            );
        }
        page
    }

    /// The manifest with all that.
    pub(super) fn manifest(&self, mut manifest: Value) -> Value {
        let Some(members) = manifest.as_object_mut() else {
            return manifest;
        };
        for key in ["name", "short_name"] {
            members.insert(key.to_owned(), self.name.into());
        }
        if let Some(Accent { light, .. }) = &self.accent {
            members.insert("theme_color".to_owned(), light.as_str().into());
        }
        if let Some(BrandLogo { media_type, sizes }) = &self.logo {
            let icon = json!({ "src": "/v1/site/logo", "sizes": sizes, "type": media_type });
            members.insert("icons".to_owned(), json!([icon]));
        }
        manifest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As they are built from.
    const OUR_PAGE: &str = include_str!("../../../web/index.html");
    const OUR_MANIFEST: &str = include_str!("../../../web/public/manifest.webmanifest");

    fn brand() -> Brand<'static> {
        Brand {
            name: "Köln <Chat>",
            accent: Some(Accent {
                light: "#1a2b8c".to_owned(),
                dark: "#aabbff".to_owned(),
            }),
            logo: Some(BrandLogo {
                media_type: "image/png",
                sizes: "512x512",
            }),
        }
    }

    #[test]
    fn everything_of_ours_that_the_page_shows_first_is_replaced() {
        let page = brand().page(OUR_PAGE);
        for expected in [
            "<title>Köln &lt;Chat&gt;</title>",
            "<meta name=\"application-name\" content=\"Köln &lt;Chat&gt;\"",
            "<meta name=\"apple-mobile-web-app-title\" content=\"Köln &lt;Chat&gt;\"",
            "<meta name=\"theme-color\" content=\"#1a2b8c\" media=\"(prefers-color-scheme: light)\"",
            "<link rel=\"icon\" href=\"/v1/site/logo\"",
            "<link rel=\"apple-touch-icon\" href=\"/v1/site/logo\"",
            "<link rel=\"stylesheet\" href=\"/v1/site/style.css\" /></head>",
            "<p>Köln &lt;Chat&gt; encrypts",
            "<p lang=\"de\">Köln &lt;Chat&gt; verschlüsselt",
        ] {
            assert!(page.contains(expected), "{expected}");
        }
        assert!(!page.contains(DEFAULT_NAME), "{page}");
    }

    #[test]
    fn the_manifest_names_the_operators_server() {
        let manifest = brand().manifest(serde_json::from_str(OUR_MANIFEST).unwrap());
        assert_eq!(manifest["name"], "Köln <Chat>");
        assert_eq!(manifest["short_name"], "Köln <Chat>");
        assert_eq!(manifest["theme_color"], "#1a2b8c");
        let icon = json!({ "src": "/v1/site/logo", "sizes": "512x512", "type": "image/png" });
        assert_eq!(manifest["icons"], json!([icon]));
        assert_eq!(manifest["start_url"], "/");
    }
}
