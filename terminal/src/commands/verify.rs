//! `sotto verify`

use crate::failure::Failure;
use crate::input;
use crate::session::{Session, find_chat};
use sotto_client_sdk::native::Native;
use sotto_client_sdk::protocol::AccountId;
use sotto_client_sdk::{Client, IdentityStatus};
use std::io::{self, IsTerminal as _, Write as _};

pub(crate) async fn run(session: &mut Session, name: &str, accept: bool) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let verified = verify(session, &client, name, accept).await;
    client.close().await?;
    verified
}

async fn verify(
    session: &mut Session,
    client: &Client<Native>,
    name: &str,
    accept: bool,
) -> Result<(), Failure> {
    let no_chat = || Failure::NoChat {
        name: name.to_owned(),
    };
    find_chat(client, name).await?.ok_or_else(no_chat)?;
    let chats = client.chats().await?;
    let person = chats
        .into_iter()
        .filter_map(|chat| chat.kind.with().cloned())
        .find(|person| person.name.as_str() == name)
        .ok_or_else(no_chat)?;
    let number = client.safety_number(person.account).ok_or_else(no_chat)?;
    let screen = &mut session.screen;
    screen.show(&number.to_string())?;
    screen.note(&format!(
        "Compare it with what {name} sees (`sotto verify` there): alike means that nobody is in between."
    ))?;
    if person.identity != IdentityStatus::Changed {
        return Ok(());
    }
    screen.warn(&format!(
        "The identity key of {name} has changed. Nothing is sent until you accept it."
    ))?;
    if accept || confirmed(name)? {
        return accept_identity(session, client, person.account, name).await;
    }
    Ok(())
}

async fn accept_identity(
    session: &mut Session,
    client: &Client<Native>,
    account: AccountId,
    name: &str,
) -> Result<(), Failure> {
    client.accept_identity(account).await?;
    Ok(session
        .screen
        .note(&format!("The new identity key of {name} is accepted."))?)
}

fn confirmed(name: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    write!(
        io::stderr(),
        "Have you compared the number, and is it really {name}? Type yes to accept: "
    )?;
    Ok(input::line()?.is_some_and(|answer| answer.trim() == "yes"))
}
