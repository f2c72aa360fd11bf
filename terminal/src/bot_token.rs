//! How a bot's token gets in: from the environment, as no process list shows it there.

use crate::failure::Failure;
use sotto_client_sdk::BotToken;
use zeroize::Zeroizing;

/// Where a bot's token is.
const VARIABLE: &str = "SOTTO_BOT_TOKEN";

/// The token, if one was given.
pub(crate) fn given() -> Result<Option<BotToken>, Failure> {
    match std::env::var(VARIABLE) {
        Ok(text) => Ok(Some(Zeroizing::new(text).parse()?)),
        Err(_) => Ok(None),
    }
}
