//! `sotto delete-account`

use crate::failure::Failure;
use crate::password;
use crate::session::Session;

/// Deletes the account of this folder, if that is its name, and what is stored here.
pub(crate) async fn run(session: &mut Session, name: &str) -> Result<(), Failure> {
    let account = session.settings.account.clone().ok_or(Failure::NoAccount)?;
    if account != name {
        return Err(Failure::OtherAccount { name: account });
    }
    let password = password::ask(&account)?;
    let client = session.open(session.transport()?, &password).await?;
    let deleted = client.delete_account(&password).await;
    client.close().await?;
    deleted?;
    session.forget_account()?;
    Ok(session
        .screen
        .note("Your account is deleted, and everything that was stored here.")?)
}
