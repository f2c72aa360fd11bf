//! What shows that whoever registers is a bot that somebody awaits.

use crate::app::{App, Backend};
use crate::http::HttpProblem;
use crate::store::BotStore as _;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{AccountName, Binary, BotTokenHash, ProblemCode, bot};

/// What the server knows the token by whose admission was shown, if a bot of this name is awaited with it. What is no admission at all is
/// one that nobody was given, and where none is shown there is none.
pub(in crate::http) async fn shown<B: Backend>(
    app: &App<B>,
    name: &AccountName,
    admission: Option<&Binary>,
) -> Result<Option<BotTokenHash>, HttpProblem> {
    let Some(admission) = admission.map(Binary::as_slice) else {
        return Ok(None);
    };
    if admission.len() != bot::ADMISSION_BYTES {
        return Err(ProblemCode::BotTokenInvalid.into());
    }
    let token = BotTokenHash::from_bytes(Sha256::digest(admission).into());
    if app.accounts.awaits_bot(name, token).await? {
        Ok(Some(token))
    } else {
        Err(ProblemCode::BotTokenInvalid.into())
    }
}
