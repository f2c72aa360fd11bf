//! Which part of a blob a request wants (RFC 9110, section 14).

use http::HeaderMap;
use http::header::{IF_RANGE, RANGE};
use std::ops::Range;

/// Which part of a blob a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: no range is named, or one that this server may ignore.
    Whole,
    /// This range, which is not empty and within the blob.
    Part(Range<u64>),
    /// A range in which the blob has nothing.
    Nothing,
}

impl Wanted {
    /// Reads `Range`, unless `If-Range` names another version than `etag`. Several ranges in one request are answered with
    /// the whole, as section 14.2 allows.
    pub(super) fn of(headers: &HeaderMap, size: u64, etag: &str) -> Self {
        if headers.get(IF_RANGE).is_some_and(|version| version != etag) {
            return Self::Whole;
        }
        let range = headers.get(RANGE).and_then(|value| value.to_str().ok());
        let Some((unit, set)) = range.and_then(|range| range.split_once('=')) else {
            return Self::Whole;
        };
        let Some((first, last)) = set.trim().split_once('-') else {
            return Self::Whole;
        };
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return Self::Whole;
        }
        let range = match (first, last) {
            ("", last) => match position(last) {
                Some(suffix) => size.saturating_sub(suffix)..size,
                None => return Self::Whole,
            },
            (first, "") => match position(first) {
                Some(first) => first..size,
                None => return Self::Whole,
            },
            (first, last) => match (position(first), position(last)) {
                (Some(first), Some(last)) if first <= last => first..size.min(last.saturating_add(1)),
                _ => return Self::Whole,
            },
        };
        if range.is_empty() {
            Self::Nothing
        } else {
            Self::Part(range)
        }
    }
}

/// Digits alone. A number too large to be any position is beyond every blob.
fn position(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(range: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        Wanted::of(&headers, 100, "\"a\"")
    }

    #[test]
    fn a_single_range_is_read_as_the_rfc_says() {
        for (text, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-99", 0..100),
            ("bytes=50-", 50..100),
            ("bytes=99-1000", 99..100),
            ("bytes=-1", 99..100),
            ("bytes=-1000", 0..100),
            ("Bytes= 5-6 ", 5..7),
            ("bytes=0-99999999999999999999999", 0..100),
        ] {
            assert_eq!(of(text), Wanted::Part(range), "{text}");
        }
    }

    #[test]
    fn a_range_beyond_the_blob_is_nothing() {
        for text in [
            "bytes=100-",
            "bytes=100-200",
            "bytes=-0",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(of(text), Wanted::Nothing, "{text}");
        }
    }

    #[test]
    fn what_is_no_single_range_is_ignored() {
        for text in [
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=0-1,5-6",
            "bytes=+1-2",
            "lines=0-1",
        ] {
            assert_eq!(of(text), Wanted::Whole, "{text}");
        }
    }

    #[test]
    fn a_range_of_another_version_is_ignored() {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static("bytes=0-1"));
        for (version, expected) in [
            ("\"a\"", Wanted::Part(0..2)),
            ("\"b\"", Wanted::Whole),
            ("W/\"a\"", Wanted::Whole),
            ("Sat, 29 Oct 1994 19:43:31 GMT", Wanted::Whole),
        ] {
            headers.insert(IF_RANGE, HeaderValue::from_static(version));
            assert_eq!(Wanted::of(&headers, 100, "\"a\""), expected, "{version}");
        }
    }
}
