//! What the engine lets everyone see without asking it.

use crate::account::Account;
use crate::contacts::Contacts;
use crate::events::ConnectionState;
use crate::files::{Transfer, TransferState};
use sotto_crypto_core::content::File;
use sotto_protocol::{AccountId, IdentityKey, MessageId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Fleeting files of which it is known where they are.
const FLEETING_FILES: usize = 64;

/// A view of the engine's state, never held across an await.
#[derive(Default)]
pub(crate) struct Shared {
    view: RwLock<View>,
    files: Mutex<FilesOnTheWay>,
}

/// What of files is in memory alone.
#[derive(Default)]
struct FilesOnTheWay {
    transfers: BTreeMap<MessageId, Transfer>,
    /// Messages whose files are not to be read any further.
    cancelled: BTreeSet<MessageId>,
    /// The files of fleeting messages, the latest last.
    fleeting: VecDeque<(MessageId, File)>,
}

#[derive(Default)]
struct View {
    account: Option<Account>,
    own_identity: Option<(AccountId, IdentityKey)>,
    contacts: Arc<Contacts>,
    connection: ConnectionState,
}

impl Shared {
    /// The account that is logged in.
    pub(crate) fn account(&self) -> Option<Account> {
        self.read().account.clone()
    }

    /// The account whose data is in the store, logged in or not, and its identity key.
    pub(crate) fn own_identity(&self) -> Option<(AccountId, IdentityKey)> {
        self.read().own_identity
    }

    /// The contacts as they are now.
    pub(crate) fn contacts(&self) -> Arc<Contacts> {
        Arc::clone(&self.read().contacts)
    }

    /// How the client stands to the server.
    pub(crate) fn connection(&self) -> ConnectionState {
        self.read().connection
    }

    /// Shows another account and other contacts.
    pub(crate) fn set(
        &self,
        account: Option<Account>,
        own_identity: Option<(AccountId, IdentityKey)>,
        contacts: Contacts,
    ) {
        let mut view = self.write();
        view.account = account;
        view.own_identity = own_identity;
        view.contacts = Arc::new(contacts);
    }

    /// Shows another connection state; `false` if it is the same.
    pub(crate) fn set_connection(&self, state: ConnectionState) -> bool {
        let mut view = self.write();
        let differs = view.connection != state;
        view.connection = state;
        differs
    }

    /// How far a message's file is, if it is on its way.
    pub(crate) fn transfer(&self, message: MessageId) -> Option<Transfer> {
        self.files().transfers.get(&message).cloned()
    }

    /// Notes how far a file is; of one that has arrived nothing is kept.
    pub(crate) fn note_transfer(&self, transfer: &Transfer) {
        let mut files = self.files();
        if transfer.state == TransferState::Done {
            files.transfers.remove(&transfer.message);
        } else {
            files.transfers.insert(transfer.message, transfer.clone());
        }
    }

    /// Forgets how far a file was.
    pub(crate) fn forget_transfer(&self, message: MessageId) {
        self.files().transfers.remove(&message);
    }

    /// Has a file be read no further.
    pub(crate) fn cancel_reading(&self, message: MessageId) {
        self.files().cancelled.insert(message);
    }

    /// Whether a file is to be read no further; asked once, that is forgotten.
    pub(crate) fn is_cancelled(&self, message: MessageId) -> bool {
        self.files().cancelled.remove(&message)
    }

    /// Keeps the file of a fleeting message while this client runs, and not too many.
    pub(crate) fn keep_fleeting_file(&self, message: MessageId, file: File) {
        let mut files = self.files();
        if files.fleeting.len() == FLEETING_FILES {
            files.fleeting.pop_front();
        }
        files.fleeting.push_back((message, file));
    }

    /// The file of a fleeting message.
    pub(crate) fn fleeting_file(&self, message: MessageId) -> Option<File> {
        let files = self.files();
        let found = files.fleeting.iter().find(|(known, _)| *known == message);
        found.map(|(_, file)| file.clone())
    }

    /// Forgets everything about files.
    pub(crate) fn forget_files(&self) {
        *self.files() = FilesOnTheWay::default();
    }

    fn files(&self) -> MutexGuard<'_, FilesOnTheWay> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, View> {
        // Nothing that holds the lock can panic half-way through a change.
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }
}
