//! Chats come into being: reserved in the index, created in the shard, confirmed in the index.

use super::check::{self, Creation};
use super::{CreateChatError, Delivery};
use crate::store::{
    AccountPair, ChatCreation, ChatIndex, LogStore, NewChat, Reservation, ReservedFor, ShardId, StoreError,
};
use sotto_protocol::chat_rules::Party;
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};
use sotto_protocol::rest::group::CreateGroup;
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, GroupProfile, ProblemCode, SignedGroupProfile,
};
use std::sync::Arc;

/// How often a reservation is tried while others withdraw theirs.
const ATTEMPTS: usize = 4;
const DAY_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// A chat that keeps the rules.
struct Planned {
    whose: ReservedFor,
    chat: NewChat,
    /// A listed group's.
    profile: Option<(GroupProfile, SignedGroupProfile)>,
}

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// Creates a direct chat, or notes to oneself, with the sender's device and those it adds as members, and tells their
    /// connections. `rules` are those that the chat has to have, by what is known of the accounts. The same request of the
    /// same device again gets the same answer; a creation that was cut off anywhere is completed by it, or gives way to
    /// another's.
    pub async fn create_direct_chat(
        &self,
        from: DeviceAddress,
        chat: ChatId,
        request: CreateDirectChat,
        rules: ChatRules,
    ) -> Result<ChatCreated, CreateChatError> {
        let creation = Creation {
            chat,
            creator: from,
            suite: request.suite,
            added: &request.added,
            welcome: request.welcome.as_ref().map(|welcome| &welcome.0),
            group_info: &request.group_info.0,
        };
        check::is_of(&creation.rules()?, &rules)?;
        self.is_offered_by(from, &creation).await?;
        let pair = AccountPair::new(from.account, request.with);
        self.may_begin(from.account, request.with, pair).await?;
        let chat = NewChat {
            chat,
            rules: Arc::new(rules),
            creator: from,
            suite: request.suite,
            added: request.added,
            welcome: request.welcome.map(|welcome| welcome.0),
            group_info: request.group_info.0,
            at: self.shared.clock.now(),
        };
        self.create(Planned {
            whose: ReservedFor::Pair(pair),
            chat,
            profile: None,
        })
        .await
    }

    /// Creates a group, as [`Self::create_direct_chat`] does a chat. Its founder is the sender's account; who is in it at
    /// the beginning is the founder's choice.
    pub async fn create_group(
        &self,
        from: DeviceAddress,
        founder: Party,
        chat: ChatId,
        request: CreateGroup,
    ) -> Result<ChatCreated, CreateChatError> {
        let creation = Creation {
            chat,
            creator: from,
            suite: request.suite,
            added: &request.added,
            welcome: request.welcome.as_ref().map(|welcome| &welcome.0),
            group_info: &request.group_info.0,
        };
        let rules = creation.rules()?;
        let group_rules = check::is_founded_by(&rules, founder)?;
        self.is_offered_by(from, &creation).await?;
        if self.is_unwelcome(chat, from.account, &request.added).await? {
            return Err(ProblemCode::MembershipRefused.into());
        }
        self.may_begin_in_community(group_rules, from.account, &request.added)
            .await??;
        let profile = match request.profile {
            Some(signed) => {
                let profile = check::profile(chat, group_rules, &signed)?;
                if profile.revision != 1 {
                    return Err(ProblemCode::InvalidRequest.into());
                }
                Some((profile, signed))
            }
            None => None,
        };
        let chat = NewChat {
            chat,
            rules: Arc::new(rules),
            creator: from,
            suite: request.suite,
            added: request.added,
            welcome: request.welcome.map(|welcome| welcome.0),
            group_info: request.group_info.0,
            at: self.shared.clock.now(),
        };
        self.create(Planned {
            whose: ReservedFor::Group,
            chat,
            profile,
        })
        .await
    }

    /// Whether the creator's device has signed the GroupInfo.
    async fn is_offered_by(
        &self,
        from: DeviceAddress,
        creation: &Creation<'_>,
    ) -> Result<(), CreateChatError> {
        if self.has_signed_group_info(from, creation.group_info).await? {
            Ok(())
        } else {
            Err(ProblemCode::GroupInfoRefused.into())
        }
    }

    /// Whether the account may begin a chat with another: it is not blocked, and has not begun too many lately.
    async fn may_begin(
        &self,
        account: AccountId,
        with: AccountId,
        pair: AccountPair,
    ) -> Result<(), CreateChatError> {
        if account == with {
            return Ok(());
        }
        if self.is_blocked(with, account).await? {
            return Err(ProblemCode::Undeliverable.into());
        }
        let index = &self.shared.index;
        let most = self.shared.settings.chats_begun_per_day;
        if most == 0 || index.chat_of(pair).await?.is_some() {
            return Ok(());
        }
        let Some(earlier) = index.began_nth_latest(account, most).await? else {
            return Ok(());
        };
        let free_at = earlier.plus_millis(DAY_MILLIS);
        let wait = free_at.0.saturating_sub(self.shared.clock.now().0);
        if wait == 0 {
            return Ok(());
        }
        Err(CreateChatError::TooMany {
            retry_after: u32::try_from(wait.div_ceil(1000)).unwrap_or(u32::MAX),
        })
    }

    async fn create(&self, planned: Planned) -> Result<ChatCreated, CreateChatError> {
        let _writing = self.shared.fan_out.begin();
        let Planned { whose, chat, .. } = &planned;
        for _ in 0..ATTEMPTS {
            let shards = u16::try_from(self.shared.shards.len()).unwrap_or(u16::MAX);
            let reservation = self
                .shared
                .index
                .reserve(*whose, chat.chat, chat.creator, shards, chat.at)
                .await?;
            match reservation {
                Reservation::Reserved(shard) => {
                    if let Some(created) = self.create_reserved(shard, &planned).await? {
                        return Ok(created);
                    }
                }
                Reservation::Exists {
                    chat: existing,
                    shard,
                    confirmed,
                } => {
                    if confirmed || !self.withdraw(*whose, existing, shard).await? {
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
        planned: &Planned,
    ) -> Result<Option<ChatCreated>, CreateChatError> {
        let Planned { whose, chat, profile } = planned;
        let index = &self.shared.index;
        let log = self.log(shard)?;
        let mut told = chat.clone();
        let created_at = match log.create_chat(chat.clone()).await? {
            ChatCreation::Created => chat.at,
            ChatCreation::Existed { at } => {
                // Whoever created it may not have come to telling. Who is not in it is told nothing, whatever is claimed now.
                let members = log.members(chat.chat).await?.unwrap_or_default();
                told.added.retain(|device| members.contains(device));
                at
            }
            ChatCreation::Taken => {
                // The id is fenced off, so what this reservation is for can never be created.
                index.take_over(*whose, chat.chat).await?;
                return Ok(None);
            }
        };
        if let Some((profile, signed)) = profile {
            // A later one may be there, if the creation is repeated.
            index.put_group_profile(profile.clone(), signed.clone()).await?;
        }
        if let Some(rules) = chat.rules.as_group() {
            self.note_community(chat.chat, rules).await?;
        }
        index.confirm(*whose, chat.chat).await?;
        if let ReservedFor::Pair(pair) = whose {
            self.follow_blocks_between(*pair).await?;
        }
        self.shared.fan_out.chat_created(&told);
        Ok(Some(ChatCreated { created_at }))
    }

    /// Withdraws a reservation without a chat. `false` if the chat is there.
    async fn withdraw(
        &self,
        whose: ReservedFor,
        stale: ChatId,
        shard: ShardId,
    ) -> Result<bool, CreateChatError> {
        if self.log(shard)?.fence_chat(stale).await? {
            self.shared.index.take_over(whose, stale).await?;
            Ok(true)
        } else {
            self.shared.index.confirm(whose, stale).await?;
            Ok(false)
        }
    }

    pub(super) fn log(&self, shard: ShardId) -> Result<&L, StoreError> {
        self.shared
            .shards
            .get(usize::from(shard.0))
            .map(|shard| &*shard.log)
            .ok_or_else(|| StoreError::Mismatch {
                reason: format!("log shard {} is not configured", shard.0),
            })
    }
}
