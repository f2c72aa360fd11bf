//! `sotto sync`

use crate::failure::Failure;
use crate::session::Session;
use futures_util::StreamExt as _;
use sotto_client_sdk::{ArchiveFault, ArchiveStatus};

/// Brings what is here into the archive and what is in the archive here, and says how the two stand.
pub(crate) async fn run(session: &mut Session) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let mut events = client.events();
    client.catch_up().await?;
    client.archive_now().await?;
    let mut told = None;
    let status = loop {
        let status = client.archive_status().await?;
        let Some(restoration) = status.restoration else {
            break status;
        };
        if told != Some(restoration.done) && restoration.of > 0 {
            told = Some(restoration.done);
            let (done, of) = (restoration.done, restoration.of);
            session
                .screen
                .note(&format!("Reading your history: {done} of {of} parts."))?;
        }
        if events.next().await.is_none() {
            return Err(Failure::SessionEnded);
        }
    };
    let chats = client.chats().await?;
    for faulty in &status.faulty {
        let summary = chats.iter().find(|summary| summary.chat == faulty.chat);
        let chat = summary.map_or_else(|| "a chat".to_owned(), super::chats::name);
        session.screen.warn(&format!("{chat}: {}", words(faulty.fault)))?;
    }
    client.acknowledge_archive_faults().await?;
    client.close().await?;
    Ok(session.screen.show(&sentence(&status))?)
}

fn sentence(status: &ArchiveStatus) -> String {
    match status.refused {
        Some(code) => format!("Not all of your history is archived: {}", code.title()),
        None => "Your history is archived: a new device of yours finds it there.".to_owned(),
    }
}

const fn words(fault: ArchiveFault) -> &'static str {
    match fault {
        ArchiveFault::RolledBack => "the server shows an archive of it that is older than it should be.",
        ArchiveFault::Forked => "the server shows your devices different archives of it.",
        ArchiveFault::Cut => "a part of its archive is missing on the server.",
        ArchiveFault::Foreign => "what the server shows as its archive was not written by your devices.",
    }
}
