//! Lists as arguments of a query: one JSON text for `json_each`, so the query is the same for any number of them.

use sotto_protocol::DeviceAddress;
use std::fmt::Write as _;

/// A JSON array of numbers, or of arrays of numbers and of bytes in hex.
#[derive(Debug)]
pub(super) struct JsonRows {
    text: String,
}

impl JsonRows {
    pub(super) fn new() -> Self {
        Self { text: "[".to_owned() }
    }

    /// Of these numbers.
    pub(super) fn of_numbers(numbers: impl IntoIterator<Item = i64>) -> String {
        let mut rows = Self::new();
        for number in numbers {
            rows.number(number);
        }
        rows.finish()
    }

    /// Of these bytes, in hex.
    pub(super) fn of_bytes<'a>(all: impl IntoIterator<Item = &'a [u8]>) -> String {
        let mut rows = Self::new();
        for bytes in all {
            rows.hex(bytes);
        }
        rows.finish()
    }

    pub(super) fn number(&mut self, number: i64) {
        self.separate();
        // Writing into a String cannot fail.
        let _ = write!(self.text, "{number}");
    }

    pub(super) fn hex(&mut self, bytes: &[u8]) {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        self.separate();
        self.text.push('"');
        for byte in bytes {
            for nibble in [byte >> 4, byte & 0xf] {
                self.text.extend(DIGITS.get(usize::from(nibble)));
            }
        }
        self.text.push('"');
    }

    /// Two columns: the account and the device.
    pub(super) fn address(&mut self, address: DeviceAddress) {
        self.hex(address.account.as_bytes());
        self.hex(address.device.as_bytes());
    }

    /// A row of several columns.
    pub(super) fn row(&mut self, columns: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('[');
        columns(self);
        self.text.push(']');
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.len() == 1
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push(']');
        self.text
    }

    fn separate(&mut self) {
        if !self.text.ends_with('[') {
            self.text.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::JsonRows;

    #[test]
    fn rows_and_numbers_are_json() {
        let mut rows = JsonRows::new();
        assert!(rows.is_empty());
        rows.row(|row| {
            row.hex(&[0, 0xff, 0x1a]);
            row.number(-7);
        });
        rows.row(|row| row.number(8));
        rows.number(9);
        assert!(!rows.is_empty());
        assert_eq!(rows.finish(), r#"[["00ff1a",-7],[8],9]"#);
    }
}
