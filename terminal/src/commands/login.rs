//! `sotto login`

use crate::failure::Failure;
use crate::input;
use crate::password;
use crate::session::{Session, wait_caught_up};
use sotto_client_sdk::native::{HttpTransport, Native};
use sotto_client_sdk::protocol::AccountName;
use sotto_client_sdk::{Client, ClientError, DeviceLinkCode};
use std::io::{self, IsTerminal as _};
use zeroize::Zeroizing;

/// Where a script puts the recovery code, and the code of another device.
const RECOVERY_VARIABLE: &str = "SOTTO_RECOVERY_CODE";
const LINK_VARIABLE: &str = "SOTTO_DEVICE_CODE";

/// What one logs in with.
enum Means {
    Password,
    /// The recovery code; the password is set anew by it.
    RecoveryCode(Zeroizing<String>),
    /// The code of another device; the password seals what is stored here, and nothing else.
    DeviceLink(Zeroizing<String>),
}

pub(crate) async fn run(
    session: &mut Session,
    name: Option<String>,
    recovery: bool,
    code: Option<String>,
) -> Result<(), Failure> {
    if let Some(code) = code {
        return by_code(session, Zeroizing::new(code)).await;
    }
    let name = name.ok_or(Failure::NoName)?;
    let name: AccountName = name.parse().map_err(ClientError::from)?;
    is_here_or_new(session, &name)?;
    let transport = session.transport()?;
    if recovery {
        let words = secret(RECOVERY_VARIABLE, "The 24 words of your recovery code: ")?;
        let password = password::ask_new(&name)?;
        return log_in(session, transport, &name, &password, Means::RecoveryCode(words)).await;
    }
    let password = password::ask(name.as_str())?;
    log_in(session, transport, &name, &password, Means::Password).await
}

/// The code names account and server.
async fn by_code(session: &mut Session, given: Zeroizing<String>) -> Result<(), Failure> {
    let text = if given.as_str() == "-" {
        secret(LINK_VARIABLE, "The code that your other device shows: ")?
    } else {
        given
    };
    let code: DeviceLinkCode = text.parse().map_err(ClientError::from)?;
    is_here_or_new(session, &code.name)?;
    let transport = HttpTransport::new(&code.server)?;
    session.screen.note(&format!(
        "This machine becomes a device of {} at {}.",
        code.name.as_str(),
        transport.server()
    ))?;
    session.screen.note(
        "Its keys and messages are sealed with a password that each command asks for; it may be your account's.",
    )?;
    let password = password::ask_new(&code.name)?;
    log_in(session, transport, &code.name, &password, Means::DeviceLink(text)).await
}

fn is_here_or_new(session: &Session, name: &AccountName) -> Result<(), Failure> {
    match session.settings.account.clone() {
        Some(other) if other != name.as_str() => Err(Failure::OtherAccount { name: other }),
        _ => Ok(()),
    }
}

/// A secret from the environment, the terminal, or the input.
fn secret(variable: &str, question: &str) -> Result<Zeroizing<String>, Failure> {
    if let Ok(given) = std::env::var(variable) {
        return Ok(Zeroizing::new(given));
    }
    if io::stdin().is_terminal() {
        return Ok(Zeroizing::new(rpassword::prompt_password(question)?));
    }
    input::line()?.map(Zeroizing::new).ok_or(Failure::NoPassword)
}

async fn log_in(
    session: &mut Session,
    transport: HttpTransport,
    name: &AccountName,
    password: &Zeroizing<String>,
    means: Means,
) -> Result<(), Failure> {
    let server = transport.server().to_owned();
    let new = !session.folder.has_store();
    let client = session.open(transport, password).await?;
    if client.account().is_none() {
        session.screen.note("Opening your keys…")?;
        if let Err(error) = enter(&client, name, password, &means).await {
            client.close().await?;
            if new {
                session.folder.delete_store()?;
            }
            return Err(error.into());
        }
    }
    session.remember(&server, name.as_str())?;
    if let Means::RecoveryCode(words) = &means {
        match client.set_password_by_recovery_code(words, password).await {
            Ok(()) => session.screen.note("Your account has the new password.")?,
            Err(error) => session.screen.warn(&format!(
                "You are logged in, but your account's password could not be changed ({error}). The one that you have chosen \
                 seals what is stored here."
            ))?,
        }
    }
    // The chats let this device in as soon as it is online: better now than when somebody waits.
    wait_caught_up(&client).await?;
    client.close().await?;
    let welcome = format!(
        "You are logged in as {}. See your chats with `sotto chats`.",
        name.as_str()
    );
    Ok(session.screen.note(&welcome)?)
}

async fn enter(
    client: &Client<Native>,
    name: &AccountName,
    password: &Zeroizing<String>,
    means: &Means,
) -> Result<(), ClientError> {
    match means {
        Means::Password => client.log_in(name.as_str(), password).await,
        Means::RecoveryCode(words) => client.log_in_by_recovery_code(name.as_str(), words).await,
        Means::DeviceLink(code) => client.log_in_by_device_link(code).await,
    }
}
