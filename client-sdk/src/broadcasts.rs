//! Broadcasts: groups in which the owner and the admins speak to everyone who is on a server, or in a community. Which group is one is
//! the server's word; who speaks in it is the group's own rules', which each device holds.

use crate::chats::ChatKind;
use crate::client::Client;
use crate::error::ClientError;
use crate::groups::{GroupSize, JoinPolicy, NewGroup, PublicGroup, Role, shown};
use crate::platform::Platform;
use sotto_protocol::{ChatId, CommunityId, Retention};

/// To whom a broadcast speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone who has an account on the server.
    Server,
    /// Everyone who is in a community.
    Community(CommunityId),
}

impl Audience {
    const fn community(self) -> Option<CommunityId> {
        match self {
            Self::Server => None,
            Self::Community(community) => Some(community),
        }
    }
}

impl<P: Platform> Client<P> {
    /// The broadcast of an audience, if there is one: [`Client::join_group`] reads along. `None` also if what is found is not signed by
    /// its own key.
    pub async fn broadcast(&self, audience: Audience) -> Result<Option<PublicGroup>, ClientError> {
        let found = self.api().broadcast(audience.community()).await?;
        Ok(found.group.as_ref().and_then(shown))
    }

    /// Begins a broadcast, which this account owns, and makes it the audience's in the place of the one before: for those who manage the
    /// server's, or for the founder and the moderators of a community. One that was begun here before and was not made the audience's is
    /// taken up again. It holds at most [`GroupSize::Large`] devices, and is not protected against a later quantum computer: anyone of
    /// its audience can come in.
    pub async fn start_broadcast(
        &self,
        audience: Audience,
        title: impl Into<String>,
        description: impl Into<String>,
    ) -> Result<ChatId, ClientError> {
        let group = match self.own_broadcast(audience).await? {
            Some(group) => group,
            None => {
                self.create_group(NewGroup {
                    title: title.into(),
                    description: description.into(),
                    size: GroupSize::Large,
                    join_policy: JoinPolicy::Open,
                    is_listed: true,
                    retention: Retention::Keep,
                    members: Vec::new(),
                    community: audience.community(),
                    is_broadcast: true,
                })
                .await?
            }
        };
        self.api()
            .set_broadcast(audience.community(), Some(group))
            .await?;
        Ok(group)
    }

    /// Ends that a group is the broadcast of an audience. The group goes on: [`Client::delete_group`] ends it for everyone.
    pub async fn stop_broadcast(&self, audience: Audience) -> Result<(), ClientError> {
        Ok(self.api().set_broadcast(audience.community(), None).await?)
    }

    /// One of these people that this account owns, and that is there.
    async fn own_broadcast(&self, audience: Audience) -> Result<Option<ChatId>, ClientError> {
        for summary in self.chats().await? {
            let ChatKind::Group {
                is_broadcast: true,
                is_member: true,
                ..
            } = summary.kind
            else {
                continue;
            };
            // One that cannot be read just now is repaired, and found the next time.
            let Ok(group) = self.group(summary.chat).await else {
                continue;
            };
            if group.community == audience.community() && group.own_role == Some(Role::Owner) {
                return Ok(Some(group.group));
            }
        }
        Ok(None)
    }
}
