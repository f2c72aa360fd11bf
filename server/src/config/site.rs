//! `[site]`: what the operator says: name, colours, logo, pages and news.

use super::{Colour, InvalidValue};
use http::Uri;
use serde::{Deserialize, Serialize};
use sotto_protocol::limits;
use sotto_protocol::rest::server::{Accent, DEFAULT_NAME};
use std::path::PathBuf;

/// What words need that are read (WCAG 2.2, 1.4.3, level AA).
const CONTRAST: f64 = 4.5;

/// What a colour gets that is made for dark paper: enough for the lighter grounds there, too.
const DARK_CONTRAST: f64 = 7.0;

/// What the operator says: name, colours, logo, pages and news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// What the server is called, in the web app and wherever it is installed.
    pub name: String,
    /// The colour of links, buttons and whatever else is to be noticed, as `#rrggbb`. It has to be dark enough for words on
    /// light paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Colour>,
    /// The same for dark paper, for which it has to be light enough. One is made of `accent` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<Colour>,
    /// A picture, SVG or PNG, of at most 512 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<PathBuf>,
    /// A folder with `about.md`, `landing.md`, `news/2026-11-20-some-title.md` and pictures beside them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<PathBuf>,
    /// Where people find the server, such as `https://chat.example.org`: for the feed of news, whose links are relative without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: DEFAULT_NAME.to_owned(),
            accent: None,
            accent_dark: None,
            logo: None,
            pages: None,
            address: None,
        }
    }
}

impl Site {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let name_fits = (1..=limits::SITE_NAME_BYTES).contains(&self.name.len());
        if !name_fits || self.name.trim() != self.name || self.name.chars().any(char::is_control) {
            let reason = format!(
                "1 to {} bytes, in one line, without spaces around it",
                limits::SITE_NAME_BYTES
            );
            return Err(InvalidValue::new("site.name", reason));
        }
        if let Some(accent) = self.accent {
            readable("site.accent", accent, "light", Colour::LIGHT_PAPER, "darker")?;
        }
        if let Some(dark) = self.accent_dark {
            if self.accent.is_none() {
                return Err(InvalidValue::new(
                    "site.accent_dark",
                    "needs site.accent beside it",
                ));
            }
            readable("site.accent_dark", dark, "dark", Colour::DARK_PAPER, "lighter")?;
        }
        match &self.address {
            Some(address) if !is_address(address) => Err(InvalidValue::new(
                "site.address",
                format!("expected https://host[:port] and nothing behind it, not {address:?}"),
            )),
            _ => Ok(()),
        }
    }

    /// The colours, if there are any.
    #[must_use]
    pub fn accents(&self) -> Option<Accent> {
        let light = self.accent?;
        let dark = self
            .accent_dark
            .unwrap_or_else(|| light.lightened_before(Colour::DARK_PAPER, DARK_CONTRAST));
        Some(Accent {
            light: light.to_string(),
            dark: dark.to_string(),
        })
    }
}

/// Checks that words in this colour can be read on the paper, and words of the paper's colour on it.
fn readable(
    key: &'static str,
    colour: Colour,
    paper_name: &str,
    paper: Colour,
    remedy: &str,
) -> Result<(), InvalidValue> {
    let contrast = colour.contrast(paper);
    if contrast >= CONTRAST {
        return Ok(());
    }
    let reason = format!(
        "{colour} on {paper_name} paper ({paper}) has a contrast of {contrast:.2}, and words need {CONTRAST} (WCAG AA): \
         choose a {remedy} colour"
    );
    Err(InvalidValue::new(key, reason))
}

fn is_address(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    text == format!("{scheme}://{authority}") && !text.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Site)) -> Result<(), String> {
        let mut site = Site::default();
        change(&mut site);
        site.validate().map_err(|error| error.to_string())
    }

    #[test]
    fn a_colour_in_which_nothing_can_be_read_is_refused_and_why_is_said() {
        let accent = |text: &str| with(|site| site.accent = Some(text.parse().unwrap()));
        assert_eq!(accent("#2b594c"), Ok(()));
        let error = accent("#ffcc00").unwrap_err();
        assert!(
            error.starts_with("site.accent: #ffcc00 on light paper (#faf8f4) has a contrast of 1.4"),
            "{error}"
        );
        assert!(error.ends_with("choose a darker colour"), "{error}");
        let both = |dark: &str| {
            with(|site| {
                site.accent = Some("#2b594c".parse().unwrap());
                site.accent_dark = Some(dark.parse().unwrap());
            })
        };
        assert_eq!(both("#8fcab4"), Ok(()));
        assert!(both("#2b594c").unwrap_err().starts_with("site.accent_dark: "));
        assert!(with(|site| site.accent_dark = Some("#8fcab4".parse().unwrap())).is_err());
    }

    #[test]
    fn a_colour_for_dark_paper_is_made_if_there_is_none() {
        let site = Site {
            accent: Some("#1a2b8c".parse().unwrap()),
            ..Site::default()
        };
        let accents = site.accents().unwrap();
        assert_eq!(accents.light, "#1a2b8c");
        let dark: Colour = accents.dark.parse().unwrap();
        assert!(dark.contrast(Colour::DARK_PAPER) >= DARK_CONTRAST);
        assert_eq!(Site::default().accents(), None);
    }

    #[test]
    fn a_name_is_one_short_line_and_an_address_ends_with_its_host() {
        assert_eq!(with(|site| site.name = "Köln <Chat> & Co".to_owned()), Ok(()));
        for name in ["", " a", "a\nb", &"a".repeat(65)] {
            assert!(with(|site| site.name = name.to_owned()).is_err(), "{name:?}");
        }
        for (address, is_right) in [
            ("https://chat.example.org", true),
            ("http://localhost:7700", true),
            ("https://chat.example.org/", false),
            ("chat.example.org", false),
            ("ftp://a", false),
            ("https://a@b", false),
        ] {
            let checked = with(|site| site.address = Some(address.to_owned()));
            assert_eq!(checked.is_ok(), is_right, "{address}");
        }
    }
}
