//! QR codes (ISO/IEC 18004) of short texts: for a terminal and for a page. Drawing is all; reading one is a camera's business.

use core::fmt::{self, Write as _};
use qrcode::{Color, EcLevel};

/// Modules of light around the code, without which readers do not find it.
const QUIET_ZONE: usize = 4;

/// A QR code: a square of dark and light modules. It may be of a secret, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    side: usize,
    dark: Vec<bool>,
}

/// The text does not fit into a QR code: shorten it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct TooLongForQr;

impl QrCode {
    /// The code of a text of at most 2,331 bytes. It can be read with 15 % of it covered.
    pub fn of(text: &str) -> Result<Self, TooLongForQr> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLongForQr)?;
        Ok(Self {
            side: code.width(),
            dark: code
                .into_colors()
                .into_iter()
                .map(|color| color == Color::Dark)
                .collect(),
        })
    }

    /// Modules of each side, those of the quiet zone among them.
    #[must_use]
    pub const fn side(&self) -> usize {
        self.side + 2 * QUIET_ZONE
    }

    /// Whether the module in this column and row is dark. Whatever lies beyond the code is light.
    #[must_use]
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let (Some(column), Some(row)) = (column.checked_sub(QUIET_ZONE), row.checked_sub(QUIET_ZONE)) else {
            return false;
        };
        column < self.side && self.dark.get(row * self.side + column).is_some_and(|&dark| dark)
    }

    /// The dark modules as the `d` of an SVG `path`, each one unit wide, in a view box of [`Self::side`] units.
    #[must_use]
    pub fn svg_path(&self) -> String {
        let mut path = String::new();
        for row in 0..self.side() {
            let mut column = 0;
            while column < self.side() {
                let run = (column..self.side())
                    .take_while(|&column| self.is_dark(column, row))
                    .count();
                if run > 0 {
                    // Writing into a string cannot fail.
                    let _ = write!(path, "M{column} {row}h{run}v1h-{run}z");
                }
                column += run.max(1);
            }
        }
        path
    }
}

/// Two rows of modules in a line of half blocks. Light is drawn and dark left out, as a terminal is dark: where it is light, most
/// readers take the code turned into its negative all the same.
impl fmt::Display for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in (0..self.side()).step_by(2) {
            for column in 0..self.side() {
                // Below the last row there is nothing to draw.
                let lower_is_dark = row + 1 >= self.side() || self.is_dark(column, row + 1);
                f.write_char(match (self.is_dark(column, row), lower_is_dark) {
                    (false, false) => '█',
                    (false, true) => '▀',
                    (true, false) => '▄',
                    (true, true) => ' ',
                })?;
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}

impl fmt::Debug for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QrCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a path of these commands covers.
    fn drawn(path: &str, side: usize) -> Vec<bool> {
        let mut dark = vec![false; side * side];
        for part in path.split('M').skip(1) {
            let (start, rest) = part.split_once('h').unwrap();
            let (column, row) = start.split_once(' ').unwrap();
            let (column, row): (usize, usize) = (column.parse().unwrap(), row.parse().unwrap());
            let run: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            for module in &mut dark[row * side + column..][..run] {
                *module = true;
            }
        }
        dark
    }

    #[test]
    fn the_path_and_the_half_blocks_draw_the_same_modules() {
        let code = QrCode::of("sotto").unwrap();
        let side = code.side();
        let path = drawn(&code.svg_path(), side);
        let text = code.to_string();
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        assert_eq!(lines.len(), side.div_ceil(2));
        for row in 0..side {
            for column in 0..side {
                let dark = code.is_dark(column, row);
                assert_eq!(path[row * side + column], dark);
                let light = match lines[row / 2][column] {
                    '█' => true,
                    '▀' => row % 2 == 0,
                    '▄' => row % 2 == 1,
                    _ => false,
                };
                assert_eq!(light, !dark, "{column}, {row}");
            }
        }
    }

    #[test]
    fn the_quiet_zone_is_light_and_a_finder_pattern_is_in_the_corner() {
        let code = QrCode::of("sotto").unwrap();
        for step in 0..code.side() {
            for edge in 0..QUIET_ZONE {
                assert!(!code.is_dark(step, edge) && !code.is_dark(edge, step));
            }
        }
        for step in 0..7 {
            assert!(code.is_dark(QUIET_ZONE + step, QUIET_ZONE));
            assert!(code.is_dark(QUIET_ZONE, QUIET_ZONE + step));
        }
        assert!(!code.is_dark(QUIET_ZONE + 1, QUIET_ZONE + 1));
        assert!(!code.is_dark(usize::MAX, usize::MAX));
    }

    #[test]
    fn a_text_that_is_too_long_is_refused() {
        assert!(QrCode::of(&"x".repeat(2331)).is_ok());
        assert_eq!(QrCode::of(&"x".repeat(2332)), Err(TooLongForQr));
    }

    #[test]
    fn it_is_not_printed() {
        assert_eq!(format!("{:?}", QrCode::of("a secret").unwrap()), "QrCode");
    }
}
