//! How long something is good, as an operator writes it.

use std::str::FromStr;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// The longest: ten years.
const MOST: u64 = 3653 * DAY;

/// How long something is good: a number and `m`, `h`, `d` or `w`, like `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    millis: u64,
}

/// The text is no such time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number and m, h, d or w for minutes, hours, days or weeks, like 7d, up to ten years")]
pub struct InvalidLifetime;

impl Lifetime {
    /// In milliseconds.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.millis
    }
}

impl FromStr for Lifetime {
    type Err = InvalidLifetime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(InvalidLifetime)?;
        let (number, unit) = text.split_at(digits);
        let unit = match unit {
            "m" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            "w" => WEEK,
            _ => return Err(InvalidLifetime),
        };
        let number: u64 = number.parse().map_err(|_| InvalidLifetime)?;
        match number.checked_mul(unit) {
            Some(millis) if (1..=MOST).contains(&millis) => Ok(Self { millis }),
            _ => Err(InvalidLifetime),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_a_time() {
        for (text, millis) in [
            ("1m", MINUTE),
            ("36h", 36 * HOUR),
            ("7d", WEEK),
            (" 2w ", 2 * WEEK),
        ] {
            assert_eq!(text.parse::<Lifetime>().unwrap().millis(), millis, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "7",
            "d",
            "0d",
            "-1d",
            "7 d",
            "7y",
            "4000d",
            "99999999999999999999d",
        ] {
            assert_eq!(text.parse::<Lifetime>(), Err(InvalidLifetime), "{text:?}");
        }
    }
}
