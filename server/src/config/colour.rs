//! Colours, and whether words in them can be read.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A colour of sRGB, as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour([u8; 3]);

/// The text is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a colour as #rrggbb, such as #2b594c")]
pub struct InvalidColour;

impl Colour {
    /// The web app's light paper.
    pub const LIGHT_PAPER: Self = Self([0xfa, 0xf8, 0xf4]);
    /// The web app's dark paper, and what it writes on bright grounds with.
    pub const DARK_PAPER: Self = Self([0x17, 0x16, 0x14]);

    /// `(L1 + 0.05) / (L2 + 0.05)`: the contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// `0.2126 R + 0.7152 G + 0.0722 B` of linear light (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// This colour with as much white in it as it needs for a contrast to `ground`, which is dark.
    pub(super) fn lightened_before(self, ground: Self, contrast: f64) -> Self {
        (0..=u8::MAX)
            .map(|white| Self(self.0.map(|byte| mixed(byte, white))))
            .find(|colour| colour.contrast(ground) >= contrast)
            .unwrap_or(Self([u8::MAX; 3]))
    }
}

/// A channel with `white` parts in 255 of white.
fn mixed(byte: u8, white: u8) -> u8 {
    let added = u16::from(u8::MAX - byte) * u16::from(white) / u16::from(u8::MAX);
    byte.saturating_add(u8::try_from(added).unwrap_or(u8::MAX))
}

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidColour);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| InvalidColour)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl TryFrom<String> for Colour {
    type Error = InvalidColour;

    fn try_from(text: String) -> Result<Self, InvalidColour> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        text.parse().unwrap()
    }

    #[test]
    fn the_contrast_is_the_one_of_wcag() {
        for (one, two, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.478),
            ("#0000ff", "#ffffff", 8.592),
            ("#ff0000", "#ffffff", 3.998),
            ("#123456", "#123456", 1.0),
        ] {
            let contrast = colour(one).contrast(colour(two));
            assert!((contrast - expected).abs() < 0.01, "{one} {two}: {contrast}");
        }
    }

    #[test]
    fn a_colour_is_written_one_way() {
        assert_eq!(colour("#2B594c").to_string(), "#2b594c");
        for text in ["2b594c", "#2b594", "#2b594cc", "#+b594c", "green", "#é594c", ""] {
            assert_eq!(text.parse::<Colour>(), Err(InvalidColour), "{text}");
        }
    }

    #[test]
    fn any_colour_can_be_made_light_enough() {
        for text in ["#000000", "#2b594c", "#0000ff", "#ffffff"] {
            let light = colour(text).lightened_before(Colour::DARK_PAPER, 7.0);
            assert!(light.contrast(Colour::DARK_PAPER) >= 7.0, "{text}");
        }
    }
}
