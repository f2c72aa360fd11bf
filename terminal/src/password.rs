//! How a password gets in: from the terminal without being shown, from the environment, or from the input.

use crate::bot_token;
use crate::failure::Failure;
use crate::input;
use sotto_client_sdk::account::normalized_password;
use sotto_client_sdk::protocol::AccountName;
use std::io::{self, IsTerminal as _};
use zeroize::Zeroizing;

/// Where a script puts the password.
const VARIABLE: &str = "SOTTO_PASSWORD";

/// Asks for the password.
pub(crate) fn ask(name: &str) -> Result<Zeroizing<String>, Failure> {
    match given()? {
        Some(password) => Ok(password),
        None => prompt(&format!("Password of {name}: ")),
    }
}

/// Asks for a new password, twice where a mistake could not be seen.
pub(crate) fn ask_new(name: &AccountName) -> Result<Zeroizing<String>, Failure> {
    if let Some(password) = given()? {
        return Ok(password);
    }
    let password = prompt(&format!("Choose a password for {}: ", name.as_str()))?;
    let again = prompt("The same again: ")?;
    if password == again {
        Ok(password)
    } else {
        Err(Failure::PasswordsDiffer)
    }
}

fn given() -> Result<Option<Zeroizing<String>>, Failure> {
    // A bot has no other password than what its token gives.
    if let Some(token) = bot_token::given()? {
        return Ok(Some(token.password()));
    }
    if let Ok(password) = std::env::var(VARIABLE) {
        return Ok(Some(normalized_password(&Zeroizing::new(password))));
    }
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    let line = input::line()?.ok_or(Failure::NoPassword)?;
    Ok(Some(normalized_password(&Zeroizing::new(line))))
}

fn prompt(question: &str) -> Result<Zeroizing<String>, Failure> {
    Ok(normalized_password(&Zeroizing::new(rpassword::prompt_password(
        question,
    )?)))
}
