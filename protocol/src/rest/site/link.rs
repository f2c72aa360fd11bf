//! Where an operator's text may lead, and which pictures it may show. Client and server hold it against the same rules: a server that
//! says otherwise is not believed.

use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// An address to which a link may lead: of `https:`, `http:` or `mailto:`, or a path of this server, which begins with one slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteLink(String);

/// The text is no [`SiteLink`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a link leads to https:, http:, mailto: or a path of this server")]
pub struct InvalidLink;

/// The name of a picture beside an operator's pages: no path, nothing hidden.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

/// The text is no [`FileName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name of a file has letters, digits, dots, hyphens and underscores")]
pub struct InvalidFileName;

impl SiteLink {
    /// Bytes of the longest one.
    pub const MAX: usize = 2048;

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a path of this server.
    #[must_use]
    pub fn is_path(&self) -> bool {
        self.0.starts_with('/')
    }
}

impl FileName {
    /// Bytes of the longest one.
    pub const MAX: usize = 100;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SiteLink {
    type Error = InvalidLink;

    fn try_from(text: String) -> Result<Self, InvalidLink> {
        if text.len() <= Self::MAX && is_clean(&text) && leads_out_or_within(&text) {
            Ok(Self(text))
        } else {
            Err(InvalidLink)
        }
    }
}

/// Browsers pass over some of these, and take others for slashes.
fn is_clean(text: &str) -> bool {
    !text.contains(|character: char| {
        character.is_control()
            || character.is_whitespace()
            || matches!(character, '\\' | '"' | '<' | '>' | '`')
    })
}

fn leads_out_or_within(text: &str) -> bool {
    if let Some(path) = text.strip_prefix('/') {
        // Two slashes lead to another server.
        return !path.starts_with('/');
    }
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let rest = match scheme.to_ascii_lowercase().as_str() {
            "https" | "http" => rest.strip_prefix("//"),
            "mailto" => Some(rest),
            _ => None,
        };
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
    })
}

impl TryFrom<String> for FileName {
    type Error = InvalidFileName;

    fn try_from(text: String) -> Result<Self, InvalidFileName> {
        let is_one = (1..=Self::MAX).contains(&text.len())
            && !text.starts_with('.')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        if is_one {
            Ok(Self(text))
        } else {
            Err(InvalidFileName)
        }
    }
}

macro_rules! as_text {
    ($($name:ident or $error:ident),+) => {$(
        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

as_text!(SiteLink or InvalidLink, FileName or InvalidFileName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_web_to_a_mailbox_or_into_the_app() {
        for to in [
            "https://example.org/a?b=c#d",
            "HTTP://example.org",
            "mailto:ada@example.org",
            "/news",
            "/",
        ] {
            assert!(to.parse::<SiteLink>().is_ok(), "{to}");
        }
        let long = format!("/{}", "a".repeat(SiteLink::MAX));
        for to in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,a",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https:evil",
            "https:///evil",
            "https://",
            "mailto:",
            "vbscript:a",
            "blob:https://a",
            "about.md",
            "#part",
            "",
            &long,
        ] {
            assert_eq!(to.parse::<SiteLink>(), Err(InvalidLink), "{to}");
        }
    }

    #[test]
    fn a_name_of_a_file_leads_nowhere_else() {
        for name in ["lake.png", "Lake-2_b.jpeg", "a"] {
            assert!(name.parse::<FileName>().is_ok(), "{name}");
        }
        for name in [
            "", ".hidden", "..", "a/b", "../a", "a\\b", "a%2fb", "a b", "é.png", "C:a", "a\0",
        ] {
            assert_eq!(name.parse::<FileName>(), Err(InvalidFileName), "{name}");
        }
    }
}
