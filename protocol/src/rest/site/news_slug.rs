//! Names of news.

use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Characters of the day at the beginning.
const DAY: usize = "2026-11-20".len();

/// The name of an item of news, which begins with its day: `2026-11-20-some-title`. Later ones are greater.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NewsSlug(String);

/// The text is no name of an item of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a day, then small letters, digits and hyphens, such as 2026-11-20-some-title")]
pub struct InvalidNewsSlug;

impl NewsSlug {
    /// Characters of the longest one.
    pub const MAX: usize = 100;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day, as `2026-11-20`. It may be none that the calendar has.
    #[must_use]
    pub fn date(&self) -> &str {
        self.0.split_at_checked(DAY).map_or("", |(day, _)| day)
    }

    /// What stands after the day.
    #[must_use]
    pub fn words(&self) -> &str {
        self.0.get(DAY + 1..).unwrap_or_default()
    }
}

impl TryFrom<String> for NewsSlug {
    type Error = InvalidNewsSlug;

    fn try_from(text: String) -> Result<Self, InvalidNewsSlug> {
        let is_one = text.len() <= Self::MAX
            && text.split_at_checked(DAY).is_some_and(|(day, words)| {
                is_day(day.as_bytes()) && words.strip_prefix('-').is_some_and(are_words)
            });
        if is_one {
            Ok(Self(text))
        } else {
            Err(InvalidNewsSlug)
        }
    }
}

/// By its form.
fn is_day(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(position, byte)| match position {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    })
}

fn are_words(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

impl FromStr for NewsSlug {
    type Err = InvalidNewsSlug;

    fn from_str(text: &str) -> Result<Self, InvalidNewsSlug> {
        text.to_owned().try_into()
    }
}

impl From<NewsSlug> for String {
    fn from(slug: NewsSlug) -> Self {
        slug.0
    }
}

impl fmt::Display for NewsSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NewsSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewsSlug({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_day_and_words_and_nothing_that_leads_elsewhere() {
        let slug: NewsSlug = "2026-11-20-we-have-moved-2".parse().unwrap();
        assert_eq!((slug.date(), slug.words()), ("2026-11-20", "we-have-moved-2"));
        let long = format!("2026-11-20-{}", "a".repeat(NewsSlug::MAX));
        for text in [
            "",
            "2026-11-20",
            "2026-11-20-",
            "2026-11-20-A",
            "2026-11-20-a--b",
            "2026-11-20-a/../b",
            "2026-11-20_a",
            "2026-1a-20-a",
            "éé26-11-20-a",
            "about",
            &long,
        ] {
            assert_eq!(text.parse::<NewsSlug>(), Err(InvalidNewsSlug), "{text}");
        }
    }
}
