//! Invite codes: what lets a newcomer make an account on a server that takes the invited alone.

use core::fmt;
use core::str::FromStr;

/// Random bytes of a code.
pub const BYTES: usize = 10;
/// Characters of a code, each 5 bits of it.
const CHARACTERS: usize = BYTES * 8 / 5;
/// Characters in a group.
const GROUP: usize = 4;
/// Crockford's base32: digits and letters without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// An invite code: 80 random bits, written as 16 characters of Crockford's base32 in groups of four (`X7KD-…`). Whoever has it can
/// make an account; `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteCode([u8; BYTES]);

/// The text is no invite code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an invite code has 16 letters and digits")]
pub struct NotAnInviteCode;

impl InviteCode {
    /// The code of these random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes: what a server hashes to find the invite.
    #[must_use]
    pub const fn reveal(&self) -> &[u8; BYTES] {
        &self.0
    }

    /// The code as people read it: for who made the invite, never for a log.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(CHARACTERS + CHARACTERS / GROUP);
        // 16 bytes with ours at the end: 128 bits, of which the last 80 count.
        let mut wide = [0; 16];
        for (place, byte) in wide.iter_mut().skip(16 - BYTES).zip(self.0) {
            *place = byte;
        }
        let bits = u128::from_be_bytes(wide);
        for position in 0..CHARACTERS {
            if position > 0 && position % GROUP == 0 {
                text.push('-');
            }
            let value = (bits >> (5 * (CHARACTERS - 1 - position))) & 31;
            let character = usize::try_from(value).ok().and_then(|value| ALPHABET.get(value));
            text.push(char::from(character.copied().unwrap_or(b'0')));
        }
        text
    }
}

/// Reads a code as people write it: in any case, with or without hyphens and spaces, with O for 0, and I or L for 1.
impl FromStr for InviteCode {
    type Err = NotAnInviteCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bits = 0_u128;
        let mut characters = 0;
        for character in text.chars().filter(|character| !is_separator(*character)) {
            characters += 1;
            if characters > CHARACTERS {
                return Err(NotAnInviteCode);
            }
            bits = bits << 5 | value(character).ok_or(NotAnInviteCode)?;
        }
        if characters < CHARACTERS {
            return Err(NotAnInviteCode);
        }
        let wide = bits.to_be_bytes();
        wide.last_chunk().map(|bytes| Self(*bytes)).ok_or(NotAnInviteCode)
    }
}

/// Hyphens, and the dashes that programs make of them, and white space.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}')
}

/// The 5 bits that a character stands for.
fn value(character: char) -> Option<u128> {
    let character = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .iter()
        .zip(0..)
        .find_map(|(&known, value)| (char::from(known) == character).then_some(value))
}

impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_16_characters_in_groups_of_four() {
        let code = InviteCode::from_bytes([0, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF]);
        assert_eq!(code.to_text(), "0123-4567-89AB-CDEF");
        assert_eq!(
            InviteCode::from_bytes([0xFF; BYTES]).to_text(),
            "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
        );
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code: InviteCode = "0123-4567-89AB-CDEF".parse().unwrap();
        for written in [
            "0123456789ABCDEF",
            "0123-4567-89ab-cdef",
            " o123 4567 89AB CDEF\n",
            "OI23-4567-89ab-cdef",
            "ol23\u{2013}4567\u{2013}89ab\u{2013}cdef",
        ] {
            assert_eq!(written.parse(), Ok(code.clone()), "{written:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "",
            "0123-4567-89AB-CDE",
            "0123-4567-89AB-CDEF-0",
            "0123-4567-89AB-CDEU",
            "0123_4567_89AB_CDEF",
            "０123-4567-89AB-CDEF",
        ] {
            assert_eq!(text.parse::<InviteCode>(), Err(NotAnInviteCode), "{text:?}");
        }
    }

    #[test]
    fn a_code_does_not_print_itself() {
        let code = InviteCode::from_bytes([7; BYTES]);
        assert_eq!(format!("{code:?}"), "InviteCode(…)");
    }

    proptest! {
        #[test]
        fn every_code_is_read_back(bytes: [u8; BYTES]) {
            let code = InviteCode::from_bytes(bytes);
            prop_assert_eq!(code.to_text().parse(), Ok(code.clone()));
            prop_assert_eq!(code.to_text().to_lowercase().parse(), Ok(code));
        }

        #[test]
        fn anything_is_read_or_refused(text in ".{0,40}") {
            let _ = text.parse::<InviteCode>();
        }
    }
}
