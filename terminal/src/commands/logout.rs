//! `sotto logout`

use crate::failure::Failure;
use crate::session::Session;
use sotto_client_sdk::native::{SqliteStore, UnlockError};
use sotto_client_sdk::store::{Store as _, StoreError};

pub(crate) async fn run(session: &mut Session, erase: bool, everywhere: bool) -> Result<(), Failure> {
    let ended = end_session(session, everywhere).await;
    if !erase {
        return ended;
    }
    match ended {
        // What cannot be opened or reached can still be deleted.
        Err(Failure::Unlock(UnlockError::Store(StoreError::Locked))) => return ended,
        Err(failure) => {
            session.screen.note(&failure.sentence())?;
            session
                .screen
                .note("The server still lists this device: remove it from another one.")?;
        }
        Ok(()) => {}
    }
    // Nobody else may be using it.
    if let Err(StoreError::Locked) = close_store(session).await {
        return Err(StoreError::Locked.into());
    }
    session.forget_account()?;
    Ok(session
        .screen
        .note("Everything that was stored here is deleted.")?)
}

async fn end_session(session: &mut Session, everywhere: bool) -> Result<(), Failure> {
    match session.resume().await {
        Ok(client) => {
            let ended = if everywhere {
                client.log_out_everywhere().await
            } else {
                client.log_out().await
            };
            client.close().await?;
            ended?;
        }
        // It is over already, here.
        Err(Failure::SessionEnded) if !everywhere => {}
        Err(failure) => return Err(failure),
    }
    Ok(session.screen.note(if everywhere {
        "You are logged out on all of your devices. Your messages stay on them, sealed."
    } else {
        "You are logged out. Your messages stay here, sealed."
    })?)
}

async fn close_store(session: &Session) -> Result<(), StoreError> {
    SqliteStore::open(session.folder.store()).await?.close().await;
    Ok(())
}
