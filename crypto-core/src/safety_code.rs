//! Safety codes: a safety number for machines. One person's device shows it as a QR code, the other's reads and compares it.

use crate::safety_number::fingerprint;
use core::fmt;
use core::str::FromStr;
use sotto_protocol::{AccountId, IdentityKey, binary};
use subtle::ConstantTimeEq;

/// What one person's device says of the two: `version ‖ own account ‖ own fingerprint ‖ other account ‖ other fingerprint`. A
/// fingerprint is the first 32 bytes of what a safety number's half is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SafetyCode {
    shown_by: Party,
    shown_to: Party,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Party {
    account: AccountId,
    fingerprint: [u8; FINGERPRINT_BYTES],
}

/// What a safety code of the other's says, held against what is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a code that differs is a warning"]
pub enum SafetyComparison {
    /// Both see the same accounts with the same identity keys: nobody is in between.
    Same,
    /// It is about other accounts: the code of another chat, or the server shows one of the two another account.
    OtherAccounts,
    /// It is about these accounts, and one of the two sees another identity key: somebody is in between.
    OtherKeys,
}

/// The text is no safety code: copy all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not a safety code")]
pub struct NotASafetyCode;

/// What a code begins with.
const SCHEME: &str = "sotto-safety:";
const VERSION: u8 = 1;
const FINGERPRINT_BYTES: usize = 32;
const PARTY_BYTES: usize = AccountId::LENGTH + FINGERPRINT_BYTES;
/// Longest text of a code in bytes, several times what one needs.
const TEXT_BYTES: usize = 1024;

impl SafetyCode {
    /// What `own` shows to `other`.
    #[must_use]
    pub fn of(own: (AccountId, IdentityKey), other: (AccountId, IdentityKey)) -> Self {
        Self {
            shown_by: party(own),
            shown_to: party(other),
        }
    }

    /// Holds this code, which the other showed, against what is known here of `own` and `other`.
    pub fn compare(
        &self,
        own: (AccountId, IdentityKey),
        other: (AccountId, IdentityKey),
    ) -> SafetyComparison {
        let expected = Self::of(other, own);
        let same_keys = expected.shown_by.fingerprint.ct_eq(&self.shown_by.fingerprint)
            & expected.shown_to.fingerprint.ct_eq(&self.shown_to.fingerprint);
        if expected.shown_by.account != self.shown_by.account
            || expected.shown_to.account != self.shown_to.account
        {
            SafetyComparison::OtherAccounts
        } else if same_keys.into() {
            SafetyComparison::Same
        } else {
            SafetyComparison::OtherKeys
        }
    }
}

fn party(of: (AccountId, IdentityKey)) -> Party {
    let mut short = [0; FINGERPRINT_BYTES];
    for (byte, of_hash) in short.iter_mut().zip(fingerprint(of)) {
        *byte = of_hash;
    }
    Party {
        account: of.0,
        fingerprint: short,
    }
}

/// The code's text, for a QR code or to be copied. Nothing in it is secret.
impl fmt::Display for SafetyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(1 + 2 * PARTY_BYTES);
        bytes.push(VERSION);
        for party in [&self.shown_by, &self.shown_to] {
            bytes.extend_from_slice(party.account.as_bytes());
            bytes.extend_from_slice(&party.fingerprint);
        }
        write!(f, "{SCHEME}{}", binary::encode(&bytes))
    }
}

/// White space around and in the text does not matter.
impl FromStr for SafetyCode {
    type Err = NotASafetyCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > TEXT_BYTES {
            return Err(NotASafetyCode);
        }
        let compact: String = text.split_whitespace().collect();
        let encoded = compact.strip_prefix(SCHEME).ok_or(NotASafetyCode)?;
        let bytes = binary::decode(encoded).ok_or(NotASafetyCode)?;
        read(&bytes).ok_or(NotASafetyCode)
    }
}

fn read(bytes: &[u8]) -> Option<SafetyCode> {
    let (&VERSION, parties) = bytes.split_first()? else {
        return None;
    };
    let (shown_by, shown_to) = parties.split_at_checked(PARTY_BYTES)?;
    Some(SafetyCode {
        shown_by: read_party(shown_by)?,
        shown_to: read_party(shown_to)?,
    })
}

fn read_party(bytes: &[u8]) -> Option<Party> {
    let (account, fingerprint) = bytes.split_at_checked(AccountId::LENGTH)?;
    Some(Party {
        account: AccountId::try_from(account).ok()?,
        fingerprint: fingerprint.try_into().ok()?,
    })
}

impl fmt::Debug for SafetyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SafetyCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn party(account: u8, key: u8) -> (AccountId, IdentityKey) {
        (
            AccountId::from_bytes([account; 16]),
            IdentityKey::from_bytes([key; 32]),
        )
    }

    const ALICE: (u8, u8) = (1, 11);
    const BOB: (u8, u8) = (2, 12);

    fn at_alice(code: SafetyCode) -> SafetyComparison {
        code.compare(party(ALICE.0, ALICE.1), party(BOB.0, BOB.1))
    }

    #[test]
    fn what_the_other_shows_is_the_same_if_nobody_is_in_between() {
        let code = SafetyCode::of(party(BOB.0, BOB.1), party(ALICE.0, ALICE.1));
        assert_eq!(at_alice(code), SafetyComparison::Same);
        assert_eq!(
            at_alice(code.to_string().parse().unwrap()),
            SafetyComparison::Same
        );
    }

    #[test]
    fn another_key_on_either_side_is_seen() {
        for (theirs, mine) in [(99, ALICE.1), (BOB.1, 99), (ALICE.1, BOB.1)] {
            let code = SafetyCode::of(party(BOB.0, theirs), party(ALICE.0, mine));
            assert_eq!(at_alice(code), SafetyComparison::OtherKeys);
        }
    }

    #[test]
    fn ones_own_code_and_that_of_another_chat_are_not_the_others() {
        let own = SafetyCode::of(party(ALICE.0, ALICE.1), party(BOB.0, BOB.1));
        let carols = SafetyCode::of(party(3, 13), party(ALICE.0, ALICE.1));
        for code in [own, carols] {
            assert_eq!(at_alice(code), SafetyComparison::OtherAccounts);
        }
    }

    #[test]
    fn a_code_cut_anywhere_continued_or_of_another_kind_is_refused() {
        let text = SafetyCode::of(party(1, 2), party(3, 4)).to_string();
        assert!(
            format!(" {} \n{} ", &text[..40], &text[40..])
                .parse::<SafetyCode>()
                .is_ok()
        );
        for length in 0..text.len() {
            assert_eq!(text[..length].parse::<SafetyCode>(), Err(NotASafetyCode));
        }
        for other in [
            format!("{text}AAAA"),
            text.replace("safety", "device"),
            "x".repeat(2000),
        ] {
            assert_eq!(other.parse::<SafetyCode>(), Err(NotASafetyCode));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = text.parse::<SafetyCode>();
            let _ = format!("{SCHEME}{text}").parse::<SafetyCode>();
        }
    }
}
