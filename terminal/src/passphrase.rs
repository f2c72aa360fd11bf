//! How the passphrase of an export gets in: from the terminal without being shown, from the environment, or from the input, after the
//! password.

use crate::failure::Failure;
use crate::input;
use std::io::{self, IsTerminal as _};
use zeroize::Zeroizing;

/// Where a script puts the passphrase.
const VARIABLE: &str = "SOTTO_PASSPHRASE";

/// Asks for the passphrase of an export that there is.
pub(crate) fn ask() -> Result<Zeroizing<String>, Failure> {
    match given()? {
        Some(passphrase) => Ok(passphrase),
        None => prompt("Passphrase of the export: "),
    }
}

/// Asks for the passphrase of a new export, twice where a mistake could not be seen.
pub(crate) fn ask_new() -> Result<Zeroizing<String>, Failure> {
    if let Some(passphrase) = given()? {
        return Ok(passphrase);
    }
    let passphrase = prompt("Choose a passphrase for the export, 12 characters at least: ")?;
    let again = prompt("The same again: ")?;
    if passphrase == again {
        Ok(passphrase)
    } else {
        Err(Failure::PassphrasesDiffer)
    }
}

fn given() -> Result<Option<Zeroizing<String>>, Failure> {
    if let Ok(passphrase) = std::env::var(VARIABLE) {
        return Ok(Some(Zeroizing::new(passphrase)));
    }
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    let line = input::line()?.ok_or(Failure::NoPassphrase)?;
    Ok(Some(Zeroizing::new(line)))
}

fn prompt(question: &str) -> Result<Zeroizing<String>, Failure> {
    Ok(Zeroizing::new(rpassword::prompt_password(question)?))
}
