//! `sotto logout`

use crate::failure::Failure;
use crate::session::Session;
use crate::settings::Settings;
use sotto_client_sdk::native::{SqliteStore, UnlockError};
use sotto_client_sdk::store::{Store as _, StoreError};

pub(crate) async fn run(session: &mut Session, erase: bool) -> Result<(), Failure> {
    let ended = end_session(session).await;
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
    session.folder.delete_store()?;
    let server = session.settings.server.clone();
    session.settings = Settings {
        server,
        account: None,
    };
    session.folder.save(&session.settings)?;
    Ok(session
        .screen
        .note("Everything that was stored here is deleted.")?)
}

async fn end_session(session: &mut Session) -> Result<(), Failure> {
    match session.resume().await {
        Ok(client) => {
            let ended = client.log_out().await;
            client.close().await?;
            ended?;
        }
        // It is over already.
        Err(Failure::SessionEnded) => {}
        Err(failure) => return Err(failure),
    }
    Ok(session
        .screen
        .note("You are logged out. Your messages stay here, sealed.")?)
}

async fn close_store(session: &Session) -> Result<(), StoreError> {
    SqliteStore::open(session.folder.store()).await?.close().await;
    Ok(())
}
