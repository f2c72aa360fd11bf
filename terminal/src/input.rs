//! Lines from the input.

use std::io::{self, BufRead as _};

/// The next line without its end; `None` at the end of the input. What is not UTF-8 is replaced.
pub(crate) fn line() -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if io::stdin().lock().read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let mut line = String::from_utf8_lossy(&line).into_owned();
    let end = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(end);
    Ok(Some(line))
}
