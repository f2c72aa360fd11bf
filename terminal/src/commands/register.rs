//! `sotto register`

use super::oidc;
use crate::arguments::AtProvider;
use crate::failure::Failure;
use crate::input;
use crate::password;
use crate::session::Session;
use sotto_client_sdk::protocol::AccountName;
use sotto_client_sdk::{ClientError, NewAccount, RecoveryCode};
use std::io::{self, IsTerminal as _, Write as _};

/// Words of the recovery code in one line.
const WORDS_IN_LINE: usize = 6;
/// Which words are asked for, to see that the code was written down.
const ASKED_FOR: [usize; 2] = [3, 17];

pub(crate) async fn run(
    session: &mut Session,
    name: &str,
    invite: Option<&str>,
    provider: AtProvider,
) -> Result<(), Failure> {
    let name: AccountName = name.parse().map_err(ClientError::from)?;
    if let Some(other) = session.settings.account.clone() {
        return Err(Failure::OtherAccount { name: other });
    }
    let transport = session.transport()?;
    let server = transport.server().to_owned();
    let new = !session.folder.has_store();
    let password = password::ask_new(&name)?;

    let client = session.open(transport, &password).await?;
    let known = oidc::visit(session, &client, provider).await;
    if let Err(error) = known {
        client.close().await?;
        if new {
            session.folder.delete_store()?;
        }
        return Err(error);
    }
    session.screen.note("Making your keys…")?;
    let mut account = NewAccount::new(name.as_str(), &password);
    if let Some(code) = invite {
        account = account.with_invite(code);
    }
    let code = match client.register_with(account).await {
        Ok(code) => code,
        Err(error) => {
            client.close().await?;
            // Nobody is in it yet, and the next attempt may choose another password.
            if new {
                session.folder.delete_store()?;
            }
            return Err(error.into());
        }
    };
    session.remember(&server, name.as_str())?;
    client.close().await?;
    show_recovery_code(session, &code)?;
    let first = format!(
        "Welcome, {}. Find somebody to talk to with `sotto people NAME`.",
        name.as_str()
    );
    Ok(session.screen.note(&first)?)
}

fn show_recovery_code(session: &mut Session, code: &RecoveryCode) -> Result<(), Failure> {
    let code = code.words();
    let words: Vec<&str> = code.split_whitespace().collect();
    let screen = &mut session.screen;
    screen.note("")?;
    screen.warn("Your recovery code. Write it down: it is shown this once.")?;
    screen.note("If you forget your password, nothing else can open your account again. Whoever has it can do so too.")?;
    screen.note("You use it with `sotto login NAME --recovery`.")?;
    screen.note("")?;
    for line in words.chunks(WORDS_IN_LINE) {
        screen.show(&format!("    {}", line.join(" ")))?;
    }
    screen.note("")?;
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        for position in ASKED_FOR {
            ask_for_word(session, &words, position)?;
        }
    }
    Ok(())
}

fn ask_for_word(session: &mut Session, words: &[&str], position: usize) -> Result<(), Failure> {
    loop {
        write!(
            io::stderr(),
            "Word {position} of what you wrote down (or Enter to go on): "
        )?;
        let Some(word) = input::line()? else {
            return Ok(());
        };
        let word = word.trim().to_lowercase();
        if word.is_empty() || words.get(position - 1) == Some(&word.as_str()) {
            return Ok(());
        }
        session.screen.warn("That is another word. Look again.")?;
    }
}
