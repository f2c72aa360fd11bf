//! `sotto verify`

use crate::failure::Failure;
use crate::input;
use crate::session::Session;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::protocol::AccountId;
use sotto_client_sdk::{Client, IdentityStatus, Person, QrCode, SafetyComparison};
use std::io::{self, IsTerminal as _, Write as _};

/// What is wanted of a safety number.
pub(crate) struct Wanted {
    /// Accept a changed identity key without a question.
    pub(crate) accept: bool,
    /// Show it as a QR code too.
    pub(crate) qr: bool,
    /// Compare what the other person's device shows.
    pub(crate) code: Option<String>,
    /// It was compared by eye, and is the same.
    pub(crate) same: bool,
}

pub(crate) async fn run(session: &mut Session, name: &str, wanted: Wanted) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let verified = verify(session, &client, name, wanted).await;
    client.close().await?;
    verified
}

async fn verify(
    session: &mut Session,
    client: &Client<Native>,
    name: &str,
    wanted: Wanted,
) -> Result<(), Failure> {
    let no_chat = || Failure::NoChat {
        name: name.to_owned(),
    };
    let person = person(client, name).await?;
    let number = client.safety_number(person.account).ok_or_else(no_chat)?;
    let account = person.account;
    if let Some(code) = &wanted.code {
        match client.compare_safety_code(account, code).await? {
            SafetyComparison::Same => {}
            other => {
                return Err(Failure::OtherSafetyCode {
                    is_of_others: other == SafetyComparison::OtherAccounts,
                });
            }
        }
    } else if wanted.same {
        client.confirm_safety_number(account).await?;
    }
    let is_verified = client.contact(account).is_some_and(|contact| contact.is_verified);
    let screen = &mut session.screen;
    screen.show(&number.to_string())?;
    if let Some(code) = client.safety_code(account).filter(|_| wanted.qr) {
        let code = code.to_string();
        if let Ok(qr) = QrCode::of(&code) {
            screen.show(&qr.to_string())?;
        }
        screen.show(&code)?;
        screen.note(&format!(
            "Let {name}'s device scan it, or compare it there with `sotto verify --code`."
        ))?;
    }
    if is_verified {
        screen.note(&format!("You have verified {name}."))?;
    }
    screen.note(&format!(
        "Compare it with what {name} sees (`sotto verify` there): alike means that nobody is in between."
    ))?;
    if person.identity != IdentityStatus::Changed {
        return Ok(());
    }
    screen.warn(&format!(
        "The identity key of {name} has changed. Nothing is sent until you accept it."
    ))?;
    if wanted.accept || confirmed(name)? {
        return accept_identity(session, client, person.account, name).await;
    }
    Ok(())
}

/// The person of this name: of a direct chat, or one who is known from a group.
async fn person(client: &Client<Native>, name: &str) -> Result<Person, Failure> {
    let chats = client.chats().await?;
    let with = chats
        .into_iter()
        .filter_map(|chat| chat.kind.with().cloned())
        .find(|person| person.name.as_str() == name);
    match with {
        Some(person) => Ok(person),
        None => Ok(client.person(name).await?),
    }
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
