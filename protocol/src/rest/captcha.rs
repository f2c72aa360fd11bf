//! `/v1/auth/captcha`: a proof of work against robots, in the format of ALTCHA (version 1): whoever wants something finds the number
//! whose SHA-256, after a salt, is the one that the server has shown. The server knows the number, and checks it with one hash.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use serde::{Deserialize, Serialize};

/// The one algorithm that is used here, as ALTCHA names it.
pub const ALGORITHM: &str = "SHA-256";

/// The answer to `GET /v1/auth/captcha`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaptchaChallenge {
    /// [`ALGORITHM`].
    pub algorithm: String,
    /// SHA-256 of the salt and the number in decimal, in hexadecimal.
    pub challenge: String,
    /// The number is from 0 to this, at most [`crate::limits::CAPTCHA_NUMBER`].
    pub maxnumber: u64,
    /// What stands before the number; after a question mark, in seconds since the Unix epoch, when it is too late: `expires=…`.
    pub salt: String,
    /// That it is of this server.
    pub signature: String,
}

/// What shows that the work was done: the challenge, and the number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptchaAnswer {
    /// As in [`CaptchaChallenge`].
    pub algorithm: String,
    /// As in [`CaptchaChallenge`].
    pub challenge: String,
    /// The number that was found.
    pub number: u64,
    /// As in [`CaptchaChallenge`].
    pub salt: String,
    /// As in [`CaptchaChallenge`].
    pub signature: String,
}

/// A [`CaptchaAnswer`] as ALTCHA's programs send it: JSON in base64. It is good once; `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct CaptchaSolution(String);

/// The text is no [`CaptchaAnswer`] in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the solution of a captcha")]
pub struct MalformedSolution;

impl CaptchaSolution {
    /// Takes the text as ALTCHA's programs make it.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// What the text says. Members that are not known here, such as how long it took, are passed over.
    pub fn answer(&self) -> Result<CaptchaAnswer, MalformedSolution> {
        if self.0.len() > crate::limits::CAPTCHA_SOLUTION_BYTES {
            return Err(MalformedSolution);
        }
        let json = STANDARD.decode(&self.0).map_err(|_| MalformedSolution)?;
        serde_json::from_slice(&json).map_err(|_| MalformedSolution)
    }
}

impl From<&CaptchaAnswer> for CaptchaSolution {
    fn from(answer: &CaptchaAnswer) -> Self {
        // A handful of strings and a number, for which the encoder has no error.
        Self(STANDARD.encode(serde_json::to_vec(answer).unwrap_or_default()))
    }
}

impl fmt::Debug for CaptchaSolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaptchaSolution(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_is_read_as_altcha_writes_it() {
        let text = STANDARD.encode(
            r#"{"algorithm":"SHA-256","challenge":"ab","number":7,"salt":"cd?expires=1&","signature":"ef","took":12}"#,
        );
        let answer = CaptchaSolution::new(text).answer().unwrap();
        assert_eq!((answer.number, answer.salt.as_str()), (7, "cd?expires=1&"));
        assert_eq!(CaptchaSolution::from(&answer).answer(), Ok(answer));
    }

    #[test]
    fn anything_else_is_no_solution() {
        let too_long = "A".repeat(crate::limits::CAPTCHA_SOLUTION_BYTES + 4);
        for text in ["", "e30=", "{}", "%%%", &too_long] {
            let solution = CaptchaSolution::new(text.to_owned());
            assert_eq!(solution.answer(), Err(MalformedSolution), "{text:.20}");
        }
    }
}
