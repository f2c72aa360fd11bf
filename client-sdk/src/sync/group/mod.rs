//! Groups: created, joined, changed and left. Whatever a user asks for becomes an intent that is carried out by a Commit, in
//! whichever epoch it is accepted.

mod broadcast;
mod content;
mod create;
mod history;
mod intents;
mod invite_link;
mod join;
mod key;
mod leave;
mod membership;
mod newcomers;
mod profile;
mod requests;

pub(crate) use broadcast::takes_a_voice;
pub(crate) use content::tell_profile;
pub(crate) use create::Founding;
pub(crate) use history::{FetchedHistory, GivenHistory, StoredHistory};
pub(crate) use intents::{finish_intent, is_carried_out};
pub(crate) use newcomers::{Found, NewcomersFor};

use super::open_chat::OpenError;
use super::{Engine, OpenChat, Reply};
use crate::chats::Stage;
use crate::contacts::{Reception, Subject, Verdict};
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{
    ActiveInviteLink, Group, GroupSettings, IntentRecord, JoinRequest, MembersPage, NewGroup, PictureRecord,
    ProfileEdit,
};
use crate::platform::Platform;
use sotto_crypto_core::InviteLink;
use sotto_protocol::{AccountId, AccountName, ChatId, Invitation, InvitationKey};

/// What the application wants of groups.
pub(crate) enum GroupCommand {
    Create {
        new: NewGroup,
        reply: Reply<ChatId>,
    },
    StartNotes {
        reply: Reply<ChatId>,
    },
    Read {
        group: ChatId,
        reply: Reply<Group>,
    },
    Members {
        group: ChatId,
        /// In lower case; empty for all.
        text: String,
        skip: usize,
        limit: usize,
        reply: Reply<MembersPage>,
    },
    Add {
        group: ChatId,
        names: Vec<AccountName>,
        reply: Reply<()>,
    },
    Remove {
        group: ChatId,
        accounts: Vec<AccountId>,
        bans: bool,
        reply: Reply<()>,
    },
    Settings {
        group: ChatId,
        settings: GroupSettings,
        reply: Reply<()>,
    },
    Describe {
        group: ChatId,
        edit: ProfileEdit,
        reply: Reply<()>,
    },
    KeepPicture {
        group: ChatId,
        picture: PictureRecord,
    },
    Join {
        group: ChatId,
        reply: Reply<ChatId>,
    },
    MakeInviteLink {
        group: ChatId,
        expires_in_seconds: u32,
        uses: u32,
        reply: Reply<InviteLink>,
    },
    Invite {
        group: ChatId,
        invitation: Invitation,
        reply: Reply<()>,
    },
    InviteLinks {
        group: ChatId,
        reply: Reply<Vec<ActiveInviteLink>>,
    },
    Revoke {
        group: ChatId,
        key: InvitationKey,
        reply: Reply<()>,
    },
    JoinByLink {
        link: Box<InviteLink>,
        reply: Reply<ChatId>,
    },
    Ask {
        group: ChatId,
        reply: Reply<()>,
    },
    Requests {
        group: ChatId,
        reply: Reply<Vec<JoinRequest>>,
    },
    Approve {
        group: ChatId,
        account: AccountId,
        reply: Reply<()>,
    },
    Decline {
        group: ChatId,
        account: Option<AccountId>,
        reply: Reply<()>,
    },
    Leave {
        group: ChatId,
        reply: Reply<()>,
    },
    Delete {
        group: ChatId,
        reply: Reply<()>,
    },
}

impl<P: Platform> Engine<P> {
    pub(crate) async fn group_command(&mut self, command: GroupCommand) {
        match command {
            GroupCommand::Create { new, reply } => self.create_group(new, reply).await,
            GroupCommand::StartNotes { reply } => self.start_notes(reply).await,
            GroupCommand::Read { group, reply } => reply.send(self.read_group(group).await),
            GroupCommand::Members {
                group,
                text,
                skip,
                limit,
                reply,
            } => reply.send(self.read_members(group, &text, skip, limit).await),
            GroupCommand::Add { group, names, reply } => {
                self.want(group, newcomers::additions(&names), reply).await;
            }
            GroupCommand::Remove {
                group,
                accounts,
                bans,
                reply,
            } => {
                self.want(group, newcomers::removals(&accounts, bans), reply)
                    .await;
            }
            GroupCommand::Settings {
                group,
                settings,
                reply,
            } => match settings.join_policy.map_or(Ok(()), create::check_policy) {
                Ok(()) => {
                    self.want(group, vec![IntentRecord::Settings(settings)], reply)
                        .await;
                }
                Err(error) => reply.send(Err(error)),
            },
            GroupCommand::Describe { group, edit, reply } => self.describe_group(group, edit, reply).await,
            GroupCommand::KeepPicture { group, picture } => self.keep_picture(group, &picture).await,
            GroupCommand::Join { group, reply } => self.join_group(group, reply).await,
            GroupCommand::MakeInviteLink {
                group,
                expires_in_seconds,
                uses,
                reply,
            } => reply.send(self.make_invite_link(group, expires_in_seconds, uses).await),
            GroupCommand::Invite {
                group,
                invitation,
                reply,
            } => {
                self.want(group, vec![IntentRecord::Invite(invitation)], reply)
                    .await;
            }
            GroupCommand::InviteLinks { group, reply } => reply.send(self.read_invite_links(group).await),
            GroupCommand::Revoke { group, key, reply } => {
                self.want(group, vec![IntentRecord::Revoke(key)], reply).await;
            }
            GroupCommand::JoinByLink { link, reply } => self.join_by_link(*link, reply).await,
            GroupCommand::Ask { group, reply } => self.start_asking(group, reply).await,
            GroupCommand::Requests { group, reply } => self.read_join_requests(group, reply).await,
            GroupCommand::Approve {
                group,
                account,
                reply,
            } => {
                self.want(group, vec![IntentRecord::Admit { account }], reply)
                    .await;
            }
            GroupCommand::Decline {
                group,
                account,
                reply,
            } => self.decline(group, account, reply).await,
            GroupCommand::Leave { group, reply } => reply.send(self.leave_group(group).await),
            GroupCommand::Delete { group, reply } => self.delete_whole_group(group, reply).await,
        }
    }

    /// A group that this device is in, with its MLS state at hand. It is out of the map: put it back.
    async fn take_group(&mut self, id: ChatId) -> Result<OpenChat, ClientError> {
        self.ensure_loaded().await?;
        let mut chat = self.chats.remove(&id).ok_or(ClientError::GroupNotFound)?;
        if chat.record.group().is_none() {
            self.chats.insert(id, chat);
            return Err(ClientError::NotAGroup);
        }
        match chat.open(&self.surroundings.records).await {
            Ok(()) => Ok(chat),
            Err(OpenError::Group) => {
                chat.line.lost = true;
                self.chats.insert(id, chat);
                self.join(id);
                Err(ClientError::Failed("the group's state has to be repaired first"))
            }
            Err(OpenError::Records(error)) => {
                self.store_failed();
                Err(error.into())
            }
        }
    }

    /// Keeps what was asked for in a group, and begins with it. Whoever asked is told when all of it has happened, or that it
    /// cannot.
    async fn want(&mut self, id: ChatId, wanted: Vec<IntentRecord>, reply: Reply<()>) {
        let mut chat = match self.take_group(id).await {
            Ok(chat) => chat,
            Err(error) => return reply.send(Err(error)),
        };
        if chat.record.stage != Stage::Member {
            self.chats.insert(id, chat);
            return reply.send(Err(ClientError::NotAMember));
        }
        let mut changes = crate::store::Changes::new();
        // Whoever does something in a group has taken it.
        let is_taken = self.contacts.reception(id, &chat.record.kind) != Reception::Open
            && self
                .contacts
                .decide(Subject::Group(id), Verdict::Accepted, &mut changes);
        for record in wanted {
            chat.want(record, &mut changes);
        }
        // The last to be done answers for all.
        match chat.intents.back_mut() {
            Some(last) => last.waiting.push(reply),
            None => reply.send(Ok(())),
        }
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        if is_taken {
            self.publish();
            self.events.emit(&Event::ChatChanged { chat: id });
            self.share_records(None).await;
        }
        self.advance(id).await;
    }

    /// A chat could not be opened: it is joined anew, or the store has failed.
    fn not_opened(&mut self, mut chat: OpenChat, error: &OpenError) {
        let id = chat.id;
        match error {
            OpenError::Group => {
                chat.line.lost = true;
                self.chats.insert(id, chat);
                self.join(id);
            }
            OpenError::Records(_) => self.store_failed(),
        }
    }
}
