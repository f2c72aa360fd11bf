//! Points in time, as people write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo};
use sotto_client_sdk::GrantedHistory;
use sotto_client_sdk::protocol::Timestamp;

/// What a command takes.
const FORMS: &str =
    "a day like 2026-11-02, a time of it like 2026-11-02T18:30, or how long ago, like 7d or 12h";

/// A day, a time, or so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Day(Date),
    At(DateTime),
    /// In milliseconds.
    Ago(u64),
}

/// Reads what a person has written.
pub(crate) fn parse(text: &str) -> Result<Moment, String> {
    // A day can be read as a time too: its midnight.
    let is_day = !text.contains(['T', 't', ' ', ':']);
    if let (true, Ok(day)) = (is_day, text.parse()) {
        return Ok(Moment::Day(day));
    }
    if let Ok(at) = text.parse() {
        return Ok(Moment::At(at));
    }
    let span = text.parse::<Span>().ok();
    let time = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    time.and_then(|time| u64::try_from(time.as_millis()).ok())
        .map(Moment::Ago)
        .ok_or_else(|| format!("that is not {FORMS}"))
}

/// Since when newcomers to a group see what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Granted {
    Nothing,
    Everything,
    Since(Moment),
}

/// Reads what a person has written.
pub(crate) fn parse_granted(text: &str) -> Result<Granted, String> {
    match text {
        "nothing" => Ok(Granted::Nothing),
        "everything" => Ok(Granted::Everything),
        moment => parse(moment)
            .map(Granted::Since)
            .map_err(|_| format!("that is not nothing, everything, {FORMS}")),
    }
}

impl Granted {
    /// As the group's rules say it.
    pub(crate) fn history(self, now: Timestamp) -> GrantedHistory {
        match self {
            Self::Nothing => GrantedHistory::None,
            Self::Everything => GrantedHistory::Since(Timestamp(0)),
            Self::Since(moment) => GrantedHistory::Since(moment.begin(now)),
        }
    }
}

impl Moment {
    /// Its first millisecond here.
    pub(crate) fn begin(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Day(day) => here(day.to_datetime(jiff::civil::Time::midnight())),
            Self::At(at) => here(at),
            Self::Ago(millis) => Timestamp(now.0.saturating_sub(millis)),
        }
    }

    /// The first millisecond that is later: of a day, that of the next.
    pub(crate) fn end(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Day(day) => match day.tomorrow() {
                Ok(next) => Self::Day(next).begin(now),
                Err(_) => Timestamp(u64::MAX),
            },
            Self::At(_) | Self::Ago(_) => self.begin(now),
        }
    }
}

/// The day that a point in time is on here.
pub(crate) fn day(at: Timestamp) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_zoned(TimeZone::system())
        .strftime("%-d %B %Y")
        .to_string()
}

/// The day and minute that a point in time is at here.
pub(crate) fn minute(at: Timestamp) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_zoned(TimeZone::system())
        .strftime("%-d %B %Y, %H:%M")
        .to_string()
}

/// A time by this machine's clock. What was before 1970 is then.
fn here(at: DateTime) -> Timestamp {
    let millis = TimeZone::system()
        .to_ambiguous_zoned(at)
        .compatible()
        .map_or(0, |zoned| zoned.timestamp().as_millisecond());
    Timestamp(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcomers_see_nothing_everything_or_what_was_said_since_a_day() {
        assert_eq!(
            parse_granted("nothing").map(|granted| granted.history(NOW)),
            Ok(GrantedHistory::None)
        );
        assert_eq!(
            parse_granted("everything").map(|granted| granted.history(NOW)),
            Ok(GrantedHistory::Since(Timestamp(0)))
        );
        let since = parse_granted("7d").map(|granted| granted.history(NOW));
        assert!(matches!(since, Ok(GrantedHistory::Since(at)) if at < NOW));
        assert!(parse_granted("soon").is_err());
    }

    const NOW: Timestamp = Timestamp(1_700_000_000_000);
    const DAY: u64 = 86_400_000;

    #[test]
    fn a_moment_is_read_as_it_is_written() {
        assert_eq!(
            parse("7d").map(|moment| moment.begin(NOW)),
            Ok(Timestamp(NOW.0 - 7 * DAY))
        );
        assert_eq!(
            parse("90m").map(|moment| moment.end(NOW)),
            Ok(Timestamp(NOW.0 - 90 * 60_000))
        );
        assert!(matches!(parse("2026-11-02"), Ok(Moment::Day(_))));
        for text in ["2026-11-02T18:30", "2026-11-02 18:30"] {
            assert!(matches!(parse(text), Ok(Moment::At(_))), "{text}");
        }
    }

    #[test]
    fn a_day_is_all_of_it() {
        let day = parse("2026-07-02").unwrap();
        assert_eq!(day.end(NOW).0 - day.begin(NOW).0, DAY);
        let noon = parse("2026-07-02T12:00").unwrap();
        assert!(day.begin(NOW) < noon.begin(NOW) && noon.end(NOW) < day.end(NOW));
    }

    #[test]
    fn what_is_no_moment_is_refused_in_words() {
        for text in ["", "soon", "2026-13-01", "-1d", "yesterday"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(
            parse("1900-01-01").map(|moment| moment.begin(NOW)),
            Ok(Timestamp(0))
        );
    }
}
