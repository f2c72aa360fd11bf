//! Joining an open group alone.

use super::super::{Done, Engine, Input, Reply};
use crate::api::ApiError;
use crate::chats::Stage;
use crate::contacts::{Subject, Verdict};
use crate::error::ClientError;
use crate::groups::JoinPolicy;
use crate::platform::Platform;
use crate::store::Changes;
use core::time::Duration;
use sotto_protocol::ChatId;
use sotto_protocol::rest::group::Group;

/// How long a join may take before it is looked after.
pub(super) const JOIN_PATIENCE: Duration = Duration::from_secs(5);

impl<P: Platform> Engine<P> {
    pub(super) async fn join_group(&mut self, id: ChatId, reply: Reply<ChatId>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        if !self.logged_in {
            return reply.send(Err(ClientError::NotLoggedIn));
        }
        if self.is_member_of(id) {
            return reply.send(Ok(id));
        }
        let api = self.api.clone();
        self.start(async move {
            let result = api.group(id).await;
            Done::PublicGroup { reply, result }
        });
    }

    fn is_member_of(&self, id: ChatId) -> bool {
        self.chats
            .get(&id)
            .is_some_and(|chat| chat.record.stage == Stage::Member)
    }

    pub(crate) async fn public_group_read(&mut self, reply: Reply<ChatId>, result: Result<Group, ApiError>) {
        match result {
            Err(error) => reply.send(Err(error.into())),
            // Whoever waited for anything was answered when the session ended: nobody would be now.
            Ok(_) if !self.logged_in => reply.send(Err(ClientError::NotLoggedIn)),
            // Somebody has let it in meanwhile.
            Ok(group) if self.is_member_of(group.group) => reply.send(Ok(group.group)),
            Ok(group) if group.join_policy == JoinPolicy::Open => {
                let id = group.group;
                let mut changes = Changes::new();
                self.contacts
                    .decide(Subject::Group(id), Verdict::Accepted, &mut changes);
                if let Err(error) = self.write(changes).await {
                    return reply.send(Err(error));
                }
                self.share_records(None).await;
                self.awaited.entry(id).or_default().push(reply);
                self.join(id);
                self.later(JOIN_PATIENCE, Input::WelcomeOverdue(id));
            }
            Ok(_) => reply.send(Err(ClientError::InvalidGroup(
                "this group is not open: its members let newcomers in",
            ))),
        }
    }
}
