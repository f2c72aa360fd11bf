//! `sotto login`

use crate::failure::Failure;
use crate::password;
use crate::session::{Session, wait_caught_up};
use sotto_client_sdk::ClientError;
use sotto_client_sdk::protocol::AccountName;

pub(crate) async fn run(session: &mut Session, name: &str) -> Result<(), Failure> {
    let name: AccountName = name.parse().map_err(ClientError::from)?;
    if let Some(other) = session.settings.account.clone()
        && other != name.as_str()
    {
        return Err(Failure::OtherAccount { name: other });
    }
    let transport = session.transport()?;
    let server = transport.server().to_owned();
    let new = !session.folder.has_store();
    let password = password::ask(name.as_str())?;

    let client = session.open(transport, &password).await?;
    if client.account().is_none() {
        session.screen.note("Opening your keys…")?;
        if let Err(error) = client.log_in(name.as_str(), &password).await {
            client.close().await?;
            if new {
                session.folder.delete_store()?;
            }
            return Err(error.into());
        }
    }
    session.remember(&server, name.as_str())?;
    // The chats let this device in as soon as it is online: better now than when somebody waits.
    wait_caught_up(&client).await?;
    client.close().await?;
    let welcome = format!(
        "You are logged in as {}. See your chats with `sotto chats`.",
        name.as_str()
    );
    Ok(session.screen.note(&welcome)?)
}
