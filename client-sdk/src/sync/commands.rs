//! What the application wants, sent on to who does it.

use super::{Command, Engine, NewBlob};
use crate::error::ClientError;
use crate::events::{ConnectionState, Event, LogOutReason};
use crate::messages::unread_after;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, Scan};
use sotto_crypto_core::FileKey;
use sotto_protocol::{ChatId, UploadId};

impl<P: Platform> Engine<P> {
    pub(crate) async fn command(&mut self, command: Command) {
        match command {
            Command::Register { account, reply } => reply.send(self.register(account).await),
            Command::LogIn {
                name,
                password,
                captcha,
                reply,
            } => reply.send(self.log_in(name, &password, captcha).await),
            Command::LogOut { reply } => reply.send(self.log_out().await),
            Command::LogOutEverywhere { reply } => reply.send(self.log_out_everywhere().await),
            Command::Erase { reply } => reply.send(self.erase().await),
            Command::StartChat { name, reply } => self.start_chat(name, reply).await,
            Command::Send { chat, message, reply } => reply.send(self.send(chat, message).await),
            Command::ChangeMessage { chat, change, reply } => {
                reply.send(self.change_message(chat, change).await);
            }
            Command::DeleteHere { chat, message, reply } => {
                reply.send(self.delete_here(chat, message).await);
            }
            Command::SetRetention {
                chat,
                retention,
                reply,
            } => self.set_retention(chat, retention, reply).await,
            Command::Receipts { chat, reply } => reply.send(self.receipts(chat).await),
            Command::SetTyping {
                chat,
                is_typing,
                reply,
            } => reply.send(self.set_typing(chat, is_typing).await),
            Command::Presence { account, reply } => reply.send(self.presence(account).await),
            Command::SetActive { is_active } => self.set_active(is_active),
            Command::Privacy { reply } => {
                let loaded = self.ensure_loaded().await;
                reply.send(loaded.map(|()| self.privacy.privacy()));
            }
            Command::SetPrivacy { privacy, reply } => self.set_privacy(privacy, reply).await,
            Command::MarkRead { chat, up_to, reply } => reply.send(self.mark_read(chat, up_to).await),
            Command::AcceptIdentity { account, reply } => reply.send(self.accept_identity(account).await),
            Command::Verified {
                account,
                identity_key,
                reply,
            } => reply.send(self.verified(account, identity_key).await),
            Command::AnswerRequest { chat, verdict, reply } => {
                self.answer_request(chat, verdict, reply).await;
            }
            Command::JudgeAccount {
                account,
                verdict,
                reply,
            } => self.judge_account(account, verdict, reply).await,
            Command::RemoveDevice { device, reply } => reply.send(self.remove_device(device).await),
            Command::SendFile {
                chat,
                file,
                staged,
                reply,
            } => reply.send(self.send_file(chat, *file, staged).await),
            Command::ResumeFile {
                chat,
                message,
                content,
                reply,
            } => reply.send(self.resume_file(chat, message, content).await),
            Command::Mark(command) => self.mark_command(command).await,
            Command::History(command) => self.archive_command(command).await,
            Command::Export(command) => self.export_command(command).await,
            Command::NewBlob { reply } => {
                let upload = UploadId::from_bytes(self.random());
                let key = FileKey::generate(&mut self.rng);
                reply.send(Ok(NewBlob { upload, key }));
            }
            Command::Group(command) => self.group_command(command).await,
            Command::Device(command) => self.device_command(command).await,
            Command::Login(command) => self.login_command(command).await,
            Command::Passkey(command) => self.passkey_command(command).await,
            Command::Oidc(command) => self.oidc_command(command).await,
            Command::LookForCommunities { reply } => self.look_for_communities_now(reply).await,
            Command::MarkNoticesSeen { reply } => reply.send(self.mark_notices_seen().await),
            Command::WakeUp(command) => self.wake_up_command(command).await,
            Command::Connect => self.connect(),
            Command::Disconnect => self.disconnect(),
            Command::Close { reply } => {
                self.closed = true;
                self.shut_down().await;
                reply.send(Ok(()));
            }
        }
    }

    pub(super) async fn mark_read(&mut self, id: ChatId, up_to: u64) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let chat = self.chats.get(&id).ok_or(ClientError::ChatNotFound)?;
        let mut changes = Changes::new();
        if up_to <= chat.record.read {
            let is_all = up_to == chat.record.read && chat.record.unread.messages == 0;
            self.notices.read(id, up_to, is_all, &mut changes);
            return self.write(changes).await;
        }
        let records = self.surroundings.records.clone();
        let unread = unread_after(&records, id, up_to, &self.contacts).await?;
        let mut chat = self.chats.remove(&id).ok_or(ClientError::ChatNotFound)?;
        chat.record.read = up_to;
        chat.record.unread = unread;
        self.notices.read(id, up_to, unread.messages == 0, &mut changes);
        chat.write_to(&mut changes);
        self.write(changes).await?;
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatChanged { chat: id });
        self.tell_marker(id);
        self.archive_soon(id, false);
        Ok(())
    }

    /// Ends the session on the server, if it can be reached, and here.
    async fn log_out(&mut self) -> Result<(), ClientError> {
        if !self.logged_in {
            return Ok(());
        }
        // A server that is not reached keeps a session that nobody has the tokens of any more.
        let _ = self.api.log_out().await;
        self.session_over(LogOutReason::Requested).await;
        Ok(())
    }

    /// Ends the account's sessions on the server, and the one here.
    async fn log_out_everywhere(&mut self) -> Result<(), ClientError> {
        if !self.logged_in {
            return Err(ClientError::NotLoggedIn);
        }
        self.api.log_out_everywhere().await?;
        self.session_over(LogOutReason::Requested).await;
        Ok(())
    }

    /// Deletes everything that is stored here.
    pub(super) async fn erase(&mut self) -> Result<(), ClientError> {
        self.log_out().await?;
        let records = self.surroundings.records.clone();
        let mut changes = Changes::new();
        for key in records.scan_keys(Scan::all()).await? {
            if record_key::is_ours(&key) {
                changes.delete(key);
            }
        }
        self.flush(changes).await?;
        self.uploads = super::Uploads::default();
        self.shared.forget_files();
        self.read_store().await
    }

    /// Lets go of the connection and the store.
    pub(super) async fn shut_down(&mut self) {
        self.stop_link();
        self.set_connection(ConnectionState::Offline);
        self.inputs.close();
        self.surroundings.search.allow(false);
        self.surroundings.records.close().await;
        self.events.close();
    }
}
