//! What happened in a group and what time it was, in words.

use super::Zone;
use super::names::line;
use crate::groups::{GrantedHistory, GroupChange, Role, Whom};
use sotto_protocol::{Retention, Timestamp};

/// What a member has changed, as words that follow its name; `day` writes a date.
pub(super) fn change(change: &GroupChange, day: impl Fn(Timestamp) -> String) -> String {
    match change {
        GroupChange::Added(whom) => format!("has added {}", name(whom)),
        GroupChange::Joined(_) => "has joined".to_owned(),
        GroupChange::Removed(whom) => format!("has removed {}", name(whom)),
        GroupChange::Left(whom) => format!("says goodbye to {}, who has left", name(whom)),
        GroupChange::Role { account, role } => format!("has made {} {}", name(account), self::role(*role)),
        GroupChange::JoinPolicy(_) => "has changed how newcomers get in".to_owned(),
        GroupChange::Listed(true) => "has made the group public".to_owned(),
        GroupChange::Listed(false) => "has made the group private".to_owned(),
        GroupChange::Retention(Retention::Keep) => "has set that messages are kept".to_owned(),
        GroupChange::Retention(Retention::For { seconds }) => {
            format!("has set that messages are deleted after {seconds} seconds")
        }
        GroupChange::Retention(Retention::Never) => "has set that messages are fleeting".to_owned(),
        GroupChange::Banned(whom) => format!("has banned {}", name(whom)),
        GroupChange::Unbanned(whom) => format!("has lifted the ban on {}", name(whom)),
        GroupChange::Title(title) => format!("has renamed the group: {}", line(title)),
        GroupChange::Picture => "has changed the group’s picture".to_owned(),
        GroupChange::Refused => {
            "had made a change that others could not accept: it was taken back".to_owned()
        }
        GroupChange::Rejoined => "has joined anew on a device that could not follow the chat".to_owned(),
        GroupChange::LinkMade => "has made an invite link".to_owned(),
        GroupChange::LinkRevoked => "has revoked an invite link".to_owned(),
        GroupChange::History(GrantedHistory::None) => {
            "has set that newcomers see nothing that was said before they came".to_owned()
        }
        GroupChange::History(GrantedHistory::Since(Timestamp(0))) => {
            "has set that newcomers see everything that was said".to_owned()
        }
        GroupChange::History(GrantedHistory::Since(at)) => {
            format!("has set that newcomers see what was said since {}", day(*at))
        }
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "the owner",
        Role::Admin => "an admin",
        Role::Member => "a member",
    }
}

/// The account's name, if it is known.
pub(super) fn name(whom: &Whom) -> String {
    whom.name
        .as_ref()
        .map_or_else(|| "somebody".to_owned(), ToString::to_string)
}

/// A moment on somebody's calendar and clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    year: i64,
    month: i64,
    day: i64,
    /// Since midnight.
    seconds: i64,
    milliseconds: i64,
}

impl Moment {
    /// In UTC.
    pub(super) fn utc(at: Timestamp) -> Self {
        Self::new(at, 0)
    }

    /// On the reader's clock.
    pub(super) fn local(at: Timestamp, zone: &dyn Zone) -> Self {
        Self::new(at, zone.minutes_at(at))
    }

    fn new(at: Timestamp, minutes: i32) -> Self {
        const DAY: i64 = 86_400;
        // 9999-12-31: what a server says may be anything.
        let milliseconds = i64::try_from(at.0).unwrap_or(i64::MAX).min(253_402_214_400_000);
        let seconds = milliseconds.div_euclid(1000) + i64::from(minutes.clamp(-1440, 1440)) * 60;
        let (year, month, day) = civil(seconds.div_euclid(DAY));
        Self {
            year,
            month,
            day,
            seconds: seconds.rem_euclid(DAY),
            milliseconds: milliseconds.rem_euclid(1000),
        }
    }

    /// Like `2026-11-23`.
    pub(super) fn day(&self) -> String {
        let Self { year, month, day, .. } = self;
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Like `14:05`.
    pub(super) fn time(&self) -> String {
        format!("{:02}:{:02}", self.seconds / 3600, self.seconds / 60 % 60)
    }

    /// As RFC 3339 has it, of a moment in UTC.
    pub(super) fn rfc3339(&self) -> String {
        let (day, time) = (self.day(), self.time());
        format!("{day}T{time}:{:02}.{:03}Z", self.seconds % 60, self.milliseconds)
    }
}

/// Year, month and day of so many days after 1 January 1970, in the Gregorian calendar: years begin in March, so that the day which comes
/// and goes is the last.
const fn civil(days: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    let days = days + 719_468;
    let era = days.div_euclid(ERA_DAYS);
    let of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct East;

    impl Zone for East {
        fn minutes_at(&self, _: Timestamp) -> i32 {
            90
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_735_603_200, "2024-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(Moment::utc(Timestamp(seconds * 1000)).day(), day);
        }
        assert_eq!(Moment::utc(Timestamp(u64::MAX)).day(), "9999-12-31");
    }

    #[test]
    fn a_time_is_that_of_the_readers_clock_and_utc_for_programs() {
        let at = Timestamp(1_735_684_205_007);
        let utc = Moment::utc(at);
        assert_eq!(utc.rfc3339(), "2024-12-31T22:30:05.007Z");
        let local = Moment::local(at, &East);
        assert_eq!(
            (local.day().as_str(), local.time().as_str()),
            ("2025-01-01", "00:00")
        );
    }
}
