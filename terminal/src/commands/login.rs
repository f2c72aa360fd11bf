//! `sotto login`

use super::oidc;
use crate::arguments::AtProvider;
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

/// How one gets in.
struct Entry {
    /// The account, if it is known before somebody has logged in at the provider.
    name: Option<AccountName>,
    means: Means,
    provider: AtProvider,
}

pub(crate) async fn run(
    session: &mut Session,
    name: Option<String>,
    recovery: bool,
    provider: AtProvider,
) -> Result<(), Failure> {
    let name = name
        .map(|name| name.parse::<AccountName>().map_err(ClientError::from))
        .transpose()?;
    if let Some(name) = &name {
        is_here_or_new(session, name)?;
    }
    let transport = session.transport()?;
    if recovery {
        let words = secret(RECOVERY_VARIABLE, "The 24 words of your recovery code: ")?;
        // For a name that only the provider knows so far, nobody chooses a password.
        let password = password::ask_new(name.as_ref().ok_or(Failure::NoName)?)?;
        let entry = Entry {
            name,
            means: Means::RecoveryCode(words),
            provider,
        };
        return log_in(session, transport, &password, entry).await;
    }
    let password = password::ask(name.as_ref().map_or("your account", AccountName::as_str))?;
    let entry = Entry {
        name,
        means: Means::Password,
        provider,
    };
    log_in(session, transport, &password, entry).await
}

/// The code names account and server.
pub(crate) async fn by_code(
    session: &mut Session,
    given: String,
    provider: AtProvider,
) -> Result<(), Failure> {
    let given = Zeroizing::new(given);
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
    let entry = Entry {
        name: Some(code.name.clone()),
        means: Means::DeviceLink(text),
        provider,
    };
    log_in(session, transport, &password, entry).await
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
    password: &Zeroizing<String>,
    entry: Entry,
) -> Result<(), Failure> {
    let server = transport.server().to_owned();
    let new = !session.folder.has_store();
    let client = session.open(transport, password).await?;
    let entered = match client.account() {
        Some(account) => Ok(account.name),
        None => enter(session, &client, password, &entry).await,
    };
    let name = match entered {
        Ok(name) => name,
        Err(error) => {
            client.close().await?;
            if new {
                session.folder.delete_store()?;
            }
            return Err(error);
        }
    };
    session.remember(&server, name.as_str())?;
    if let Means::RecoveryCode(words) = &entry.means {
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

/// Logs in, and says to which account.
async fn enter(
    session: &mut Session,
    client: &Client<Native>,
    password: &Zeroizing<String>,
    Entry {
        name,
        means,
        provider,
    }: &Entry,
) -> Result<AccountName, Failure> {
    let linked = oidc::visit(session, client, *provider).await?;
    let name = match (name.clone(), linked) {
        (Some(name), Some(linked)) if name != linked => {
            return Err(Failure::LinkedToAnother {
                name: linked.as_str().to_owned(),
            });
        }
        (Some(name), _) => name,
        (None, Some(linked)) => {
            is_here_or_new(session, &linked)?;
            linked
        }
        (None, None) => return Err(Failure::NotLinked),
    };
    session.screen.note("Opening your keys…")?;
    match means {
        Means::Password => client.log_in(name.as_str(), password).await?,
        Means::RecoveryCode(words) => client.log_in_by_recovery_code(name.as_str(), words).await?,
        Means::DeviceLink(code) => client.log_in_by_device_link(code).await?,
    }
    Ok(name)
}
