//! How an operator is shown things: columns, times, sizes.

use sotto_protocol::Timestamp;
use std::fmt::Write as _;

/// Lines with columns, the first of them with what these are.
pub(super) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(head: [&str; N]) -> Self {
        Self {
            rows: vec![head.map(str::to_owned)],
        }
    }

    pub(super) fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// In whole lines, each column as wide as what is in it.
    pub(super) fn finish(self) -> String {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                // Writing to a string does not fail.
                let _ = write!(line, "{cell:<width$}  ");
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}

/// A time in UTC, to the second (RFC 3339).
pub(super) fn written(time: Timestamp) -> String {
    i64::try_from(time.0 / 1000)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(|| time.0.to_string(), |time| time.to_string())
}

/// A time in UTC, to the day.
pub(super) fn day(time: Timestamp) -> String {
    written(time).chars().take_while(|&c| c != 'T').collect()
}

pub(super) fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes as people read it.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return counted(bytes, "byte");
    }
    let mut tenths = bytes / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// Text of somebody else in one line of a terminal: what would move the cursor or colour something is left out.
pub(super) fn in_a_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc() {
        assert_eq!(written(Timestamp(1_800_000_000_999)), "2027-01-15T08:00:00Z");
        assert_eq!(day(Timestamp(1_800_000_000_999)), "2027-01-15");
    }

    #[test]
    fn a_size_has_a_unit_that_keeps_it_short() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 KB"),
            (999_999, "999.9 KB"),
            (1_234_567, "1.2 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(["A", "B", "C"]);
        table.row(["long".to_owned(), String::new(), "ä\u{1b}[2J".to_owned()].map(|cell| in_a_line(&cell)));
        assert_eq!(table.finish(), "A     B  C\nlong     ä[2J\n");
    }
}
