//! How long messages are kept, as people write and read it.

use jiff::{Span, SpanRelativeTo, SpanRound, Unit};
use sotto_client_sdk::protocol::Retention;

/// What a command takes.
pub(crate) const FORMS: &str = "a time like 30m, 12h or 7d; or always; or fleeting";

/// Reads `always`, `fleeting` or a time.
pub(crate) fn parse(text: &str) -> Result<Retention, String> {
    let retention = match text {
        "always" => Retention::Keep,
        "fleeting" => Retention::Never,
        time => time
            .parse::<Span>()
            .ok()
            .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok())
            .and_then(|time| u32::try_from(time.as_secs()).ok())
            .map(|seconds| Retention::For { seconds })
            .ok_or_else(|| format!("that is not {FORMS}"))?,
    };
    if retention.is_in_bounds() {
        Ok(retention)
    } else {
        Err("messages are kept for a second to a year, always, or not at all".to_owned())
    }
}

/// Reads `always` or a time.
pub(crate) fn parse_time(text: &str) -> Result<Retention, String> {
    match parse(text)? {
        Retention::Never => Err("that is not a time like 30m, 12h or 7d; or always".to_owned()),
        time => Ok(time),
    }
}

/// What becomes of messages, as words that follow "messages are".
pub(crate) fn kept(retention: Retention) -> String {
    match retention {
        Retention::Keep => "kept".to_owned(),
        Retention::For { seconds } => format!("deleted after {}", duration(seconds.into())),
        Retention::Never => "fleeting: shown to whoever is there, and kept nowhere".to_owned(),
    }
}

/// In the largest units that say it whole.
pub(crate) fn duration(seconds: i64) -> String {
    let whole = SpanRound::new().largest(Unit::Day).days_are_24_hours();
    let span = Span::new().seconds(seconds);
    format!("{:#}", span.round(whole).unwrap_or(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        assert_eq!(parse("always"), Ok(Retention::Keep));
        assert_eq!(parse("fleeting"), Ok(Retention::Never));
        for (text, seconds) in [
            ("90s", 90),
            ("30m", 1800),
            ("12h", 43_200),
            ("7d", 604_800),
            ("1w", 604_800),
        ] {
            assert_eq!(parse(text), Ok(Retention::For { seconds }), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_too_long_is_refused_in_words() {
        for text in ["", "soon", "0s", "-1h", "2y", "366d"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_is_shown_in_its_largest_units() {
        assert_eq!(duration(90), "1m 30s");
        assert_eq!(duration(604_800), "7d");
        assert_eq!(kept(Retention::For { seconds: 3600 }), "deleted after 1h");
    }
}
