//! The proof of work that a server asks for, against robots: the number is found whose SHA-256, after a salt, is the one shown.

use crate::error::ClientError;
use crate::platform::let_others_run;
use sha2::{Digest as _, Sha256};
use sotto_protocol::limits;
use sotto_protocol::rest::captcha::{ALGORITHM, CaptchaAnswer, CaptchaChallenge, CaptchaSolution};

/// Numbers that are tried at a time: some ten milliseconds.
const CHUNK: u64 = 10_000;

/// How often a proof of work is done for one call: once more if the first one was over meanwhile.
const ATTEMPTS: u8 = 2;

/// The proofs of work of one call.
#[derive(Default)]
pub(crate) struct Work {
    done: u8,
    solution: Option<CaptchaSolution>,
}

impl Work {
    /// What is to be shown, once.
    pub(crate) fn solution(&mut self) -> Option<CaptchaSolution> {
        self.solution.take()
    }

    /// Whether the call failed for want of a proof of work that can still be done.
    pub(crate) fn is_asked_for(&self, error: &ClientError) -> bool {
        matches!(error, ClientError::CaptchaRequired | ClientError::CaptchaInvalid) && self.done < ATTEMPTS
    }

    /// Solves what the server asks for, if it does.
    pub(crate) async fn begin(&mut self, challenge: Option<CaptchaChallenge>) -> Result<(), ClientError> {
        self.done += 1;
        self.solution = match challenge {
            Some(challenge) => Some(solve(challenge).await?),
            None => None,
        };
        Ok(())
    }
}

/// Solves a challenge, a chunk at a time, and lets others run in between. It stops when it is dropped.
pub(crate) async fn solve(challenge: CaptchaChallenge) -> Result<CaptchaSolution, ClientError> {
    if challenge.algorithm != ALGORITHM || challenge.maxnumber > limits::CAPTCHA_NUMBER {
        return Err(ClientError::Untrusted("a proof of work that nobody can do"));
    }
    let wanted = unhex(&challenge.challenge).ok_or(ClientError::Untrusted("a proof of work that is none"))?;
    let mut search = Search::new(&challenge.salt, wanted);
    while search.number <= challenge.maxnumber {
        let chunk = CHUNK.min(challenge.maxnumber - search.number + 1);
        if let Some(number) = search.next(chunk) {
            return Ok(CaptchaSolution::from(&CaptchaAnswer {
                algorithm: challenge.algorithm,
                challenge: challenge.challenge,
                number,
                salt: challenge.salt,
                signature: challenge.signature,
            }));
        }
        let_others_run().await;
    }
    Err(ClientError::Untrusted("a proof of work without a solution"))
}

/// The search, as far as it is.
struct Search {
    /// With the salt in it.
    salted: Sha256,
    wanted: [u8; 32],
    /// The next number.
    number: u64,
    /// The same in decimal.
    digits: Vec<u8>,
}

impl Search {
    fn new(salt: &str, wanted: [u8; 32]) -> Self {
        Self {
            salted: Sha256::new().chain_update(salt),
            wanted,
            number: 0,
            digits: vec![b'0'],
        }
    }

    /// Tries so many numbers.
    fn next(&mut self, count: u64) -> Option<u64> {
        for _ in 0..count {
            let digest = self.salted.clone().chain_update(&self.digits).finalize();
            if digest.as_slice() == self.wanted {
                return Some(self.number);
            }
            self.number += 1;
            increment(&mut self.digits);
        }
        None
    }
}

/// Adds 1 to a number in decimal: writing each anew would take half as long as its hash.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
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
    use core::future::Future as _;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    /// SHA-256 of `salt?expires=1&` and a number, by `sha256sum`.
    const KNOWN: [(u64, &str); 2] = [
        (
            7,
            "388ea4e5f89593e16881261240200231460ec3df12f007528bc00282fe7b6e8f",
        ),
        (
            12_345,
            "e7207ab1f09b47888740cc333812c4cbca31d8e7786cd269299db8babd22201e",
        ),
    ];

    fn challenge(hash: &str, maxnumber: u64) -> CaptchaChallenge {
        CaptchaChallenge {
            algorithm: ALGORITHM.to_owned(),
            challenge: hash.to_owned(),
            maxnumber,
            salt: "salt?expires=1&".to_owned(),
            signature: "signed".to_owned(),
        }
    }

    /// The result, and how often others had a turn.
    fn solved(challenge: CaptchaChallenge) -> (Result<CaptchaSolution, ClientError>, usize) {
        let mut search = pin!(solve(challenge));
        for turns in 0.. {
            if let Poll::Ready(result) = search.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return (result, turns);
            }
        }
        unreachable!()
    }

    #[test]
    fn the_number_is_found_wherever_it_is() {
        for (number, hash) in KNOWN {
            for most in [number, 50_000] {
                let answer = solved(challenge(hash, most)).0.unwrap().answer().unwrap();
                assert_eq!((answer.number, answer.signature.as_str()), (number, "signed"));
            }
        }
    }

    #[test]
    fn others_have_a_turn_meanwhile() {
        assert_eq!(solved(challenge(KNOWN[0].1, 50_000)).1, 0);
        assert_eq!(solved(challenge(KNOWN[1].1, 50_000)).1, 1);
    }

    #[test]
    fn a_server_that_asks_for_what_nobody_can_do_is_not_trusted() {
        let none = "0".repeat(64);
        let mut other = challenge(&none, 10);
        other.algorithm = "SHA-1".to_owned();
        for asked in [
            challenge(&none, 20_000),
            challenge(&none, limits::CAPTCHA_NUMBER + 1),
            challenge("none", 10),
            challenge(&"é".repeat(32), 10),
            other,
        ] {
            let (result, _) = solved(asked);
            assert!(matches!(result, Err(ClientError::Untrusted(_))), "{result:?}");
        }
    }

    #[test]
    fn numbers_are_counted_in_decimal() {
        let mut digits = vec![b'0'];
        for number in 0..12_000_u64 {
            assert_eq!(digits, number.to_string().as_bytes());
            increment(&mut digits);
        }
    }
}
