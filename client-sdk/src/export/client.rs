//! What an application asks of exports.

use super::block::{BlockReader, BlockWriter};
use super::progress::{ExportProgress, Exported, ImportProgress, Imported, Watcher, go_on};
use super::read::{Course, Import};
use super::readable::{self, ReadableExport};
use super::write::Writer;
use crate::account::{AccountRecord, normalized_password};
use crate::client::Client;
use crate::error::ClientError;
use crate::files::FileContent;
use crate::platform::{Clock as _, FileSink, Platform};
use crate::record_key;
use crate::sync::{Command, ExportCommand};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::export::BEGINNING_BYTES;
use sotto_crypto_core::{AccountRoot, ExportAuthenticator, ExportOpener, ExportSealer};

impl<P: Platform> Client<P> {
    /// Writes the account's history into a file that this passphrase opens, for this account on whichever device:
    /// [`Client::import_history`] reads it.
    ///
    /// All chats are in it that are shown here or wait as requests, also those that were left, with their messages, former texts, reactions,
    /// pins and stars, as they are on this device. What waits to be sent is not, and what is timed or fleeting never: a file cannot
    /// forget. Of files there is what tells them, and the key by which they are read from the server, not their content.
    ///
    /// The client goes on meanwhile; what comes in is not in the export. Memory is bounded. If it fails, what was written is nothing.
    /// Stretching the passphrase takes 64 MiB and some tenths of a second.
    pub async fn export_history(
        &self,
        passphrase: &str,
        sink: &mut dyn FileSink,
        watcher: &impl Watcher<ExportProgress>,
    ) -> Result<Exported, ClientError> {
        let plan = self
            .ask(|reply| Command::Export(ExportCommand::Plan { reply }))
            .await?;
        go_on(watcher)?;
        let mut rng = ChaCha20Rng::from_seed(*plan.seed);
        let (sealer, beginning) = ExportSealer::new(&mut rng, &normalized_password(passphrase))?;
        let authenticator = self.export_authenticator(&beginning).await?;
        sink.write(beginning).await?;
        let writer = Writer {
            sealer,
            blocks: BlockWriter::new(authenticator),
            sink,
            watcher,
        };
        writer.write_all(self.records(), plan, self.clock().now()).await
    }

    /// Writes the account's history into a ZIP that people and programs read: pages, JSON, and files if they are wanted.
    ///
    /// The same messages are in it as in [`Client::export_history`], and in the clear. Files are read from the server; those that cannot
    /// be are named, and counted as missing. If it fails, what was written is nothing.
    pub async fn export_readable(
        &self,
        wanted: &ReadableExport,
        sink: &mut dyn FileSink,
        watcher: &impl Watcher<ExportProgress>,
    ) -> Result<Exported, ClientError> {
        let plan = self
            .ask(|reply| Command::Export(ExportCommand::Plan { reply }))
            .await?;
        // Large, as it holds what compresses.
        Box::pin(readable::write(self, plan, wanted, sink, watcher)).await
    }

    /// Reads an export of this account: what this device does not have comes from it, and what is here stays as it is.
    ///
    /// A chat that this device does not have comes as one that was left, until the server says otherwise. Of a file that was cut or altered
    /// nothing after that is used; what came before is kept, as it is after an import that was cancelled.
    pub async fn import_history(
        &self,
        file: &FileContent,
        passphrase: &str,
        watcher: &impl Watcher<ImportProgress>,
    ) -> Result<Imported, ClientError> {
        let (account, identity_key) = self.shared().own_identity().ok_or(ClientError::NotLoggedIn)?;
        if file.length() < BEGINNING_BYTES as u64 {
            return Err(ClientError::NotAnExport);
        }
        let beginning = file.read(0..BEGINNING_BYTES as u64).await?;
        let first = beginning.first_chunk().ok_or(ClientError::NotAnExport)?;
        let opener = ExportOpener::new(&normalized_password(passphrase), first)?;
        let authenticator = self.export_authenticator(&beginning).await?;
        let import = Import {
            client: self,
            file,
            blocks: BlockReader::new(authenticator, account, identity_key),
            watcher,
            course: Course::default(),
        };
        import.read_all(opener).await
    }

    async fn export_authenticator(&self, beginning: &[u8]) -> Result<ExportAuthenticator, ClientError> {
        let account = self
            .records()
            .get::<AccountRecord>(&record_key::account())
            .await?
            .ok_or(ClientError::NotLoggedIn)?;
        let beginning = beginning.first_chunk().ok_or(ClientError::NotAnExport)?;
        Ok(ExportAuthenticator::new(
            &AccountRoot::from_bytes(account.root),
            beginning,
        ))
    }
}
