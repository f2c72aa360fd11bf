//! Direct chats come into being: reserved in the index, created in the shard, confirmed in the index.

use super::{CreateChatError, Delivery, check};
use crate::store::{
    AccountPair, ChatCreation, DirectChatIndex, LogStore, NewChat, Reservation, ShardId, StoreError,
};
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode};
use std::collections::HashSet;

/// How often a reservation is tried while others withdraw theirs.
const ATTEMPTS: usize = 4;

impl<I: DirectChatIndex, L: LogStore> Delivery<I, L> {
    /// Creates a direct chat with the sender's device and those it adds as members, and tells their connections. The
    /// same request of the same device again gets the same answer; a creation that was cut off anywhere is completed
    /// by it, or gives way to another's.
    pub async fn create_direct_chat(
        &self,
        from: DeviceAddress,
        chat: ChatId,
        request: CreateDirectChat,
    ) -> Result<ChatCreated, CreateChatError> {
        check::direct_chat(chat, &request)?;
        let pair = AccountPair::new(from.account, request.with).ok_or(ProblemCode::InvalidRequest)?;
        if !may_be_added(from, pair, &request.added) {
            return Err(ProblemCode::MembershipRefused.into());
        }
        let _writing = self.shared.fan_out.begin();
        let chat = NewChat {
            chat,
            pair,
            creator: from,
            suite: request.suite,
            added: request.added,
            welcome: request.welcome.0,
            group_info: request.group_info.0,
            at: self.shared.clock.now(),
        };
        for _ in 0..ATTEMPTS {
            let shards = u16::try_from(self.shared.shards.len()).unwrap_or(u16::MAX);
            let reservation = self
                .shared
                .index
                .reserve(pair, chat.chat, from, shards, chat.at)
                .await?;
            match reservation {
                Reservation::Reserved(shard) => {
                    if let Some(created) = self.create_reserved(shard, &chat).await? {
                        return Ok(created);
                    }
                }
                Reservation::Exists {
                    chat: existing,
                    shard,
                    confirmed,
                } => {
                    if confirmed || !self.withdraw(pair, existing, shard).await? {
                        return Err(CreateChatError::Exists(existing));
                    }
                }
                Reservation::ChatTaken => return Err(ProblemCode::ChatTaken.into()),
                Reservation::AccountNotFound => return Err(ProblemCode::UserNotFound.into()),
            }
        }
        // The id was given up while its creator was away.
        Err(ProblemCode::ChatTaken.into())
    }

    /// `None` if someone has taken the reservation over: look again.
    async fn create_reserved(
        &self,
        shard: ShardId,
        chat: &NewChat,
    ) -> Result<Option<ChatCreated>, CreateChatError> {
        let log = self.log(shard)?;
        match log.create_chat(chat.clone()).await? {
            ChatCreation::Created => {
                self.shared.index.confirm(chat.chat).await?;
                self.shared.fan_out.chat_created(chat);
                Ok(Some(ChatCreated { created_at: chat.at }))
            }
            ChatCreation::Existed { at } => {
                self.shared.index.confirm(chat.chat).await?;
                // Whoever created it may not have come to telling.
                self.shared.fan_out.chat_created(chat);
                Ok(Some(ChatCreated { created_at: at }))
            }
            ChatCreation::Taken => {
                // The id is fenced off, so what this reservation is for can never be created.
                self.shared.index.take_over(chat.pair, chat.chat).await?;
                Ok(None)
            }
        }
    }

    /// Withdraws a reservation without a chat. `false` if the chat is there.
    async fn withdraw(
        &self,
        pair: AccountPair,
        stale: ChatId,
        shard: ShardId,
    ) -> Result<bool, CreateChatError> {
        if self.log(shard)?.fence_chat(stale).await? {
            self.shared.index.take_over(pair, stale).await?;
            Ok(true)
        } else {
            self.shared.index.confirm(stale).await?;
            Ok(false)
        }
    }

    fn log(&self, shard: ShardId) -> Result<&L, StoreError> {
        self.shared
            .shards
            .get(usize::from(shard.0))
            .map(|shard| &*shard.log)
            .ok_or_else(|| StoreError::Mismatch {
                reason: format!("log shard {} is not configured", shard.0),
            })
    }
}

/// Whether these devices may be in a new chat of the pair beside its creator.
fn may_be_added(creator: DeviceAddress, pair: AccountPair, added: &[DeviceAddress]) -> bool {
    let different: HashSet<_> = added.iter().chain([&creator]).collect();
    !added.is_empty()
        && different.len() == added.len() + 1
        && added.iter().all(|address| pair.contains(address.account))
}
