//! Challenges, made and checked: ALTCHA's format, version 1.
//!
//! ```text
//! salt      = hex(random) "?expires=" seconds "&"
//! challenge = hex(SHA-256(salt ‖ number in decimal))
//! signature = hex(HMAC-SHA-256(key, challenge))
//! ```
//!
//! The salt ends with a character that is no digit. Otherwise its last digits could be taken for the first of the number: the same
//! challenge would have another time to expire, and be good again.

use crate::store::SpentCaptcha;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use sotto_protocol::Timestamp;
use sotto_protocol::rest::captcha::{ALGORITHM, CaptchaAnswer, CaptchaChallenge, CaptchaSolution};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Random bytes of a salt. With them a salt and a number of eight digits fit into one block of SHA-256.
const SALT_BYTES: usize = 12;
/// Between the random part of a salt and its seconds.
const EXPIRES: &str = "?expires=";
/// Ends a salt.
const END: char = '&';

/// Seconds in which a challenge has to be solved: enough for the hardest one on a slow telephone.
const LIFETIME_SECONDS: u64 = 600;

/// Why a solution is not taken: it is wrong, of another server, or over. Which one does not matter: a new challenge helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the solution of a challenge of this server that is still good")]
pub(crate) struct InvalidSolution;

/// What signs challenges.
pub(crate) struct CaptchaKey(Zeroizing<[u8; 32]>);

impl CaptchaKey {
    /// With this key.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    /// A new challenge, whose number is from 0 to `most`.
    pub(crate) fn challenge(&self, rng: &mut impl CryptoRng, most: u64, now: Timestamp) -> CaptchaChallenge {
        let mut random = [0; SALT_BYTES];
        rng.fill_bytes(&mut random);
        let expires = now.0 / 1000 + LIFETIME_SECONDS;
        let salt = format!("{}{EXPIRES}{expires}{END}", hex(&random));
        // A number of 128 bits is reduced, which prefers none noticeably.
        let wide = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        let number = u64::try_from(wide % (u128::from(most) + 1)).unwrap_or(most);
        let challenge = hex(&digest(&salt, number));
        CaptchaChallenge {
            algorithm: ALGORITHM.to_owned(),
            maxnumber: most,
            salt,
            signature: hex(&self.mac(&challenge).finalize().into_bytes()),
            challenge,
        }
    }

    /// Checks a solution, as far as that is possible without knowing which were spent: what is to be spent then.
    pub(crate) fn check(
        &self,
        solution: &CaptchaSolution,
        now: Timestamp,
    ) -> Result<SpentCaptcha, InvalidSolution> {
        let CaptchaAnswer {
            algorithm,
            challenge,
            number,
            salt,
            signature,
        } = solution.answer().map_err(|_| InvalidSolution)?;
        let expires_at = expires_at(&salt).ok_or(InvalidSolution)?;
        if algorithm != ALGORITHM || expires_at <= now {
            return Err(InvalidSolution);
        }
        let digest = digest(&salt, number);
        if hex(&digest) != challenge {
            return Err(InvalidSolution);
        }
        let signature = unhex(&signature).ok_or(InvalidSolution)?;
        // In constant time.
        self.mac(&challenge)
            .verify_slice(&signature)
            .map_err(|_| InvalidSolution)?;
        Ok(SpentCaptcha {
            challenge: digest,
            expires_at,
        })
    }

    #[allow(clippy::expect_used, reason = "HMAC takes a key of any length")]
    fn mac(&self, challenge: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice()).expect("any length will do");
        mac.update(challenge.as_bytes());
        mac
    }
}

/// When the challenge of a salt is over, if it is a salt as they are made here.
fn expires_at(salt: &str) -> Option<Timestamp> {
    let (random, seconds) = salt.strip_suffix(END)?.split_once(EXPIRES)?;
    let is_plain = random.len() == SALT_BYTES * 2
        && random.bytes().all(|byte| byte.is_ascii_hexdigit())
        && seconds.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = seconds.parse().ok().filter(|_| is_plain)?;
    seconds.checked_mul(1000).map(Timestamp)
}

fn digest(salt: &str, number: u64) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(number.to_string())
        .finalize()
        .into()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (position, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(position * 2..position * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const LATE: Timestamp = Timestamp(NOW.0 + LIFETIME_SECONDS * 1000);

    fn key() -> CaptchaKey {
        CaptchaKey::new(&[7; 32])
    }

    fn challenge(most: u64) -> CaptchaChallenge {
        key().challenge(&mut rand_core::UnwrapErr(getrandom::SysRng), most, NOW)
    }

    /// As any solver does it.
    fn solve(challenge: &CaptchaChallenge) -> CaptchaAnswer {
        let number = (0..=challenge.maxnumber)
            .find(|&number| hex(&digest(&challenge.salt, number)) == challenge.challenge)
            .unwrap();
        CaptchaAnswer {
            algorithm: challenge.algorithm.clone(),
            challenge: challenge.challenge.clone(),
            number,
            salt: challenge.salt.clone(),
            signature: challenge.signature.clone(),
        }
    }

    fn check(answer: &CaptchaAnswer, now: Timestamp) -> Result<SpentCaptcha, InvalidSolution> {
        key().check(&answer.into(), now)
    }

    #[test]
    fn a_solution_is_taken_until_its_time_is_over() {
        let answer = solve(&challenge(100));
        let spent = check(&answer, NOW).unwrap();
        assert_eq!(spent.expires_at, LATE);
        assert_eq!(check(&answer, Timestamp(LATE.0 - 1)), Ok(spent));
        assert_eq!(check(&answer, LATE), Err(InvalidSolution));
    }

    #[test]
    fn a_salt_and_a_number_fit_into_one_block() {
        let padding = 9;
        assert!(challenge(0).salt.len() + "99999999".len() + padding <= 64);
    }

    #[test]
    fn a_number_that_is_forged_is_refused() {
        let answer = solve(&challenge(100));
        for number in (0..=101).filter(|&number| number != answer.number) {
            let forged = CaptchaAnswer {
                number,
                ..answer.clone()
            };
            assert_eq!(check(&forged, NOW), Err(InvalidSolution));
        }
    }

    #[test]
    fn what_another_server_has_signed_is_refused() {
        let answer = solve(&challenge(100));
        let other = CaptchaKey::new(&[8; 32]);
        assert_eq!(other.check(&(&answer).into(), NOW), Err(InvalidSolution));
    }

    #[test]
    fn a_challenge_of_ones_own_making_is_refused() {
        let mut answer = solve(&challenge(100));
        answer.salt = format!("{}{EXPIRES}{}{END}", "0".repeat(24), 9_999_999_999_u64);
        answer.challenge = hex(&digest(&answer.salt, answer.number));
        assert_eq!(check(&answer, NOW), Err(InvalidSolution));
    }

    #[test]
    fn a_digit_of_the_time_does_not_move_into_the_number_nor_back() {
        let answer = solve(&challenge(100));
        let text = format!("{}{}", answer.salt, answer.number);
        for position in answer.salt.len().saturating_sub(6)..text.len() {
            let (salt, number) = text.split_at(position);
            let Ok(number) = number.parse() else { continue };
            let moved = CaptchaAnswer {
                salt: salt.to_owned(),
                number,
                ..answer.clone()
            };
            assert_eq!(check(&moved, NOW).is_ok(), moved == answer, "{moved:?}");
        }
        // As it was possible without the last character.
        let bare = answer.salt.trim_end_matches(END);
        assert_eq!(expires_at(bare), None);
    }

    #[test]
    fn anything_that_was_changed_is_refused() {
        let answer = solve(&challenge(100));
        let after = |change: fn(&mut CaptchaAnswer)| {
            let mut answer = answer.clone();
            change(&mut answer);
            check(&answer, NOW)
        };
        let changes: [fn(&mut CaptchaAnswer); 6] = [
            |answer| answer.algorithm = "SHA-1".to_owned(),
            |answer| answer.challenge = answer.challenge.to_uppercase() + "0",
            |answer| answer.signature = "0".repeat(64),
            |answer| answer.signature = "é".repeat(32),
            |answer| answer.salt = answer.salt.replace(EXPIRES, "?expires=+"),
            |answer| answer.salt = String::new(),
        ];
        for change in changes {
            assert_eq!(after(change), Err(InvalidSolution));
        }
        let malformed = CaptchaSolution::new("none".to_owned());
        assert_eq!(key().check(&malformed, NOW), Err(InvalidSolution));
    }
}
