//! Files on their way to the server. When one has arrived, its message goes into the outbox, at the place that it was written at: what
//! is written meanwhile overtakes it.

use super::outbox::{Beginning, Begun};
use super::{Done, Engine};
use crate::chats::OutboxRecord;
use crate::error::ClientError;
use crate::events::Event;
use crate::files::{
    Direction, FileContent, FileUnreadable, NewFile, Progress, Transfer, TransferState, UploadFailure,
    UploadJob, stage, staged, unstage,
};
use crate::messages::{MessageRecord, QueuedBody, StoredBody, StoredState, queued_position};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError, Scan};
use crate::sync::open_chat::Queued;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::content::{File, FileInfo};
use sotto_crypto_core::{FileKey, Text};
use sotto_protocol::{BlobId, ChatId, DeviceAddress, MessageId, ProblemCode, Retention, Timestamp, UploadId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Files that are on their way at a time.
const AT_ONCE: usize = 3;
/// How long the server has a fleeting file, sealed, for those who are there to read it.
const FLEETING_SECONDS: u32 = 600;

/// A file that is to be brought to the server, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    chat: ChatId,
    /// Its message's place in the outbox.
    ordinal: u64,
    from: DeviceAddress,
    at: Timestamp,
    info: FileInfo,
    caption: Text,
    retention: Retention,
    upload: UploadId,
    key: FileKey,
    place: Place,
    /// When the file was changed last, if that was known: one with another time is another file, and is not sealed with the same key.
    modified: Option<u64>,
}

/// Where the content is.
#[derive(Clone, Serialize, Deserialize)]
enum Place {
    /// In the store.
    Staged,
    /// Where this leads.
    Reference(String),
    /// At hand while the client runs; then it has to be chosen again.
    AtHand,
}

/// The files that are to be brought to the server.
#[derive(Default)]
pub(crate) struct Uploads {
    files: BTreeMap<MessageId, Upload>,
}

struct Upload {
    record: UploadRecord,
    content: Option<FileContent>,
    state: UploadState,
    cancelled: Arc<AtomicBool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum UploadState {
    Waiting,
    Running,
    /// It waits for the file, or cannot be sent.
    Stopped,
}

impl Uploads {
    /// Whether this message's file is among them.
    pub(super) fn contain(&self, message: MessageId) -> bool {
        self.files.contains_key(&message)
    }
}

impl UploadRecord {
    fn transfer(&self, message: MessageId, state: TransferState) -> Transfer {
        Transfer {
            chat: self.chat,
            message,
            direction: Direction::Up,
            done: 0,
            total: self.info.length,
            state,
        }
    }

    /// The message, while its file is not on the server.
    fn message(&self, message: MessageId, state: StoredState) -> MessageRecord {
        let body = StoredBody::Upload {
            info: self.info.clone(),
            caption: self.caption.clone(),
        };
        MessageRecord {
            retention: self.retention,
            ..MessageRecord::new(message, self.from, body, self.at, state)
        }
    }

    /// Whether it can be taken for this file. Where nobody knows when it was changed it cannot: under one key another content would show
    /// how the two differ.
    fn fits(&self, content: &FileContent) -> bool {
        let modified = content.modified();
        content.length() == self.info.length && modified.is_some() && modified == self.modified
    }

    const fn blob_retention(&self) -> Retention {
        match self.retention {
            Retention::Never => Retention::For {
                seconds: FLEETING_SECONDS,
            },
            kept => kept,
        }
    }

    fn delete(&self, message: MessageId, changes: &mut Changes) {
        changes.delete(record_key::upload(message));
        if matches!(self.place, Place::Staged) {
            unstage(message, self.info.length, changes);
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Reads what is to be brought to the server. What is on its way already stays so.
    pub(super) async fn read_uploads(&mut self) -> Result<(), RecordsError> {
        let records = self.surroundings.records.clone();
        let scan = Scan::prefix(record_key::uploads());
        for (key, record) in records.scan::<UploadRecord>(scan).await? {
            if let Some(message) = record_key::first_id(&key) {
                self.uploads.files.entry(message).or_insert_with(|| Upload {
                    record,
                    content: None,
                    state: UploadState::Waiting,
                    cancelled: Arc::default(),
                });
            }
        }
        Ok(())
    }

    /// Takes a file that is to be sent.
    pub(super) async fn send_file(
        &mut self,
        id: ChatId,
        file: NewFile,
        to_stage: Option<Bytes>,
    ) -> Result<MessageId, ClientError> {
        let NewFile {
            id: chosen,
            info,
            content,
            mut caption,
            reply_to,
            retention,
        } = file;
        let Begun {
            message,
            from,
            now,
            mut changes,
            is_accepted,
            quote,
            retention,
        } = match self.begin_sending(id, chosen, reply_to, retention).await? {
            Beginning::Begun(begun) => *begun,
            Beginning::TakenBefore(message) => return Ok(message),
        };
        caption.reply_to = quote;
        let (upload, key) = (
            UploadId::from_bytes(self.random()),
            FileKey::generate(&mut self.rng),
        );
        let chat = self.chats.get_mut(&id).ok_or(ClientError::ChatNotFound)?;
        chat.record.last_ordinal += 1;
        chat.record.active_at = chat.record.active_at.max(now);
        let place = match (&to_stage, content.reference()) {
            (Some(_), _) => Place::Staged,
            (None, Some(reference)) => Place::Reference(reference),
            (None, None) => Place::AtHand,
        };
        let record = UploadRecord {
            chat: id,
            ordinal: chat.record.last_ordinal,
            from,
            at: now,
            info,
            caption,
            retention,
            upload,
            key,
            modified: content.modified(),
            place,
        };
        let position = queued_position(record.ordinal);
        let shown = record.message(message, StoredState::Queued);
        // A fleeting file is in memory alone, and gone with it.
        if retention != Retention::Never {
            shown.put(id, position, &mut changes);
            changes.put(record_key::upload(message), &record);
            if let Some(bytes) = &to_stage {
                stage(message, bytes, &mut changes);
            }
        }
        chat.write_to(&mut changes);
        self.write(changes).await?;
        let upload = Upload {
            record,
            content: Some(content),
            state: UploadState::Waiting,
            cancelled: Arc::default(),
        };
        self.uploads.files.insert(message, upload);
        if is_accepted {
            self.accepted_by_writing(id).await;
        }
        let shown = shown.into_message(id, position, &self.contacts);
        self.events.emit(&Event::MessageAdded(shown));
        self.start_uploads().await;
        Ok(message)
    }

    /// Brings as many files to the server as may be on their way at a time.
    pub(super) async fn start_uploads(&mut self) {
        if !self.is_online() {
            return;
        }
        let running = |upload: &&Upload| upload.state == UploadState::Running;
        let room = AT_ONCE.saturating_sub(self.uploads.files.values().filter(running).count());
        let mut waiting: Vec<(Timestamp, MessageId)> = self
            .uploads
            .files
            .iter()
            .filter(|(_, upload)| upload.state == UploadState::Waiting)
            .map(|(&message, upload)| (upload.record.at, message))
            .collect();
        waiting.sort_unstable();
        for (_, message) in waiting.into_iter().take(room) {
            self.start_upload(message).await;
        }
    }

    async fn start_upload(&mut self, message: MessageId) {
        let Some(upload) = self.uploads.files.get_mut(&message) else {
            return;
        };
        if upload.content.is_none() {
            let found = match &upload.record.place {
                Place::Staged => Some(staged(
                    self.surroundings.records.clone(),
                    message,
                    upload.record.info.length,
                )),
                Place::Reference(reference) => P::find_file(reference).await,
                Place::AtHand => None,
            };
            let is_staged = matches!(upload.record.place, Place::Staged);
            upload.content = found.filter(|content| is_staged || upload.record.fits(content));
        }
        let Some(content) = upload.content.clone() else {
            upload.state = UploadState::Stopped;
            let transfer = upload.record.transfer(message, TransferState::NeedsFile);
            return self.tell_transfer(&transfer);
        };
        upload.state = UploadState::Running;
        upload.cancelled = Arc::default();
        let job = UploadJob {
            api: self.api.clone(),
            surroundings: Arc::clone(&self.surroundings),
            upload: upload.record.upload,
            key: upload.record.key.clone(),
            retention: upload.record.blob_retention(),
            content,
            progress: Progress::new(
                Arc::clone(&self.surroundings),
                Arc::clone(&self.shared),
                self.events.clone(),
                upload.record.transfer(message, TransferState::Waiting),
            ),
            cancelled: Arc::clone(&upload.cancelled),
        };
        self.start(async move {
            let result = job.run().await;
            Done::Uploaded { message, result }
        });
    }

    /// A file is on the server, or will not be.
    pub(super) async fn uploaded(&mut self, message: MessageId, result: Result<BlobId, UploadFailure>) {
        let Some(upload) = self.uploads.files.get_mut(&message) else {
            // Its message was withdrawn.
            self.shared.forget_transfer(message);
            if let Ok(blob) | Err(UploadFailure::Cancelled(blob)) = result {
                self.forget_blob(blob).await;
            }
            return;
        };
        match result {
            Ok(blob) => {
                if self.send_uploaded(message, blob).await.is_err() {
                    return self.store_failed();
                }
            }
            Err(UploadFailure::Cancelled(_)) => upload.state = UploadState::Waiting,
            Err(UploadFailure::Unreadable(reason)) => {
                upload.state = UploadState::Stopped;
                upload.content = None;
                let state = match reason {
                    FileUnreadable::Unreadable => TransferState::NeedsFile,
                    FileUnreadable::Changed => TransferState::Failed {
                        code: ClientError::FileDiffers.code(),
                    },
                };
                let transfer = upload.record.transfer(message, state);
                self.tell_transfer(&transfer);
            }
            Err(UploadFailure::Refused(code)) => {
                if self.upload_refused(message, code).await.is_err() {
                    return self.store_failed();
                }
            }
            Err(UploadFailure::Untrusted) => {
                upload.state = UploadState::Stopped;
                let code = ClientError::Untrusted("").code();
                let transfer = upload.record.transfer(message, TransferState::Failed { code });
                self.tell_transfer(&transfer);
            }
        }
        self.start_uploads().await;
    }

    /// The message of a file that is on the server goes into the outbox.
    async fn send_uploaded(&mut self, message: MessageId, blob: BlobId) -> Result<(), RecordsError> {
        let Some(Upload { record, .. }) = self.uploads.files.remove(&message) else {
            return Ok(());
        };
        let mut changes = Changes::new();
        record.delete(message, &mut changes);
        let file = File {
            blob,
            key: record.key.clone(),
            info: record.info.clone(),
            caption: record.caption.clone(),
        };
        let Some(chat) = self.chats.get_mut(&record.chat) else {
            return self.flush(changes).await;
        };
        let position = queued_position(record.ordinal);
        let shown = MessageRecord {
            body: StoredBody::File(file.clone()),
            ..record.message(message, StoredState::Queued)
        };
        let queued = OutboxRecord {
            message,
            body: QueuedBody::File(file.clone()),
            retention: record.retention,
            sealed: None,
        };
        if record.retention == Retention::Never {
            self.shared.keep_fleeting_file(message, file);
        } else {
            shown.put(record.chat, position, &mut changes);
            changes.put(record_key::outbox(record.chat, record.ordinal), &queued);
        }
        chat.outbox.push_back(Queued {
            ordinal: record.ordinal,
            record: queued,
            in_flight: false,
        });
        self.flush(changes).await?;
        let transfer = Transfer {
            done: record.info.length,
            ..record.transfer(message, TransferState::Done)
        };
        self.tell_transfer(&transfer);
        let shown = shown.into_message(record.chat, position, &self.contacts);
        self.events.emit(&Event::MessageChanged(shown));
        self.advance(record.chat).await;
        Ok(())
    }

    /// The server does not take a file: its message stays where it is, marked.
    async fn upload_refused(&mut self, message: MessageId, code: ProblemCode) -> Result<(), RecordsError> {
        let Some(upload) = self.uploads.files.get_mut(&message) else {
            return Ok(());
        };
        upload.state = UploadState::Stopped;
        let state = TransferState::Failed { code: code.as_str() };
        let transfer = upload.record.transfer(message, state);
        let (chat, position) = (upload.record.chat, queued_position(upload.record.ordinal));
        let failed = upload.record.message(message, StoredState::Failed(code));
        if upload.record.retention != Retention::Never {
            let mut changes = Changes::new();
            failed.put(chat, position, &mut changes);
            self.flush(changes).await?;
        }
        self.tell_transfer(&transfer);
        let failed = failed.into_message(chat, position, &self.contacts);
        self.events.emit(&Event::MessageChanged(failed));
        Ok(())
    }

    /// Goes on with a file that was not at hand any more, or that could not be sent.
    pub(super) async fn resume_file(
        &mut self,
        id: ChatId,
        message: MessageId,
        content: FileContent,
    ) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let upload = self.uploads.files.get_mut(&message);
        let upload = upload
            .filter(|upload| upload.record.chat == id)
            .ok_or(ClientError::MessageNotFound)?;
        if upload.state == UploadState::Running {
            return Ok(());
        }
        if matches!(upload.record.place, Place::Staged) {
            // What is sent is in the store.
        } else if upload.record.fits(&content) {
            upload.content = Some(content);
        } else {
            return Err(ClientError::FileDiffers);
        }
        upload.state = UploadState::Waiting;
        let (retention, position) = (upload.record.retention, queued_position(upload.record.ordinal));
        let shown = upload.record.message(message, StoredState::Queued);
        if retention != Retention::Never {
            let mut changes = Changes::new();
            shown.put(id, position, &mut changes);
            self.write(changes).await?;
        }
        let shown = shown.into_message(id, position, &self.contacts);
        self.events.emit(&Event::MessageChanged(shown));
        self.start_uploads().await;
        Ok(())
    }

    /// The file of a message that was withdrawn is not wanted any more.
    pub(super) fn drop_upload(&mut self, message: MessageId, changes: &mut Changes) {
        if let Some(upload) = self.uploads.files.remove(&message) {
            upload.cancelled.store(true, Ordering::Relaxed);
            upload.record.delete(message, changes);
            self.shared.forget_transfer(message);
        }
    }

    /// Brings nothing more to the server until the next login.
    pub(super) fn stop_uploads(&self) {
        for upload in self.uploads.files.values() {
            upload.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// The server is to delete a blob that nobody was told of.
    async fn forget_blob(&mut self, blob: BlobId) {
        let mut changes = Changes::new();
        changes.put(record_key::blob_erasure(blob), &());
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.erase_entries().await;
    }

    fn tell_transfer(&self, transfer: &Transfer) {
        self.shared.note_transfer(transfer);
        self.events.emit(&Event::Transfer(transfer.clone()));
    }
}
