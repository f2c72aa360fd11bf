//! What a database does for [`perform`](super::perform): each a statement or two, in a transaction that is the caller's.

use super::{CommunityProfile, NewCommunity};
use crate::store::{NewPicture, NewProfilePicture, StoreError};
use sotto_protocol::rest::community::{Community, CommunityRole};
use sotto_protocol::rest::user::ProfilePicture;
use sotto_protocol::{AccountId, ChatId, CommunityId, PictureId, Timestamp};

/// What there is of a community, held until the transaction ends.
#[derive(Clone, Debug)]
pub(in crate::store) struct CommunityRow {
    pub(in crate::store) profile: CommunityProfile,
    pub(in crate::store) picture: Option<ProfilePicture>,
    pub(in crate::store) cover: Option<PictureId>,
}

/// The tables of a database. Whoever holds accounts and a community takes the accounts first.
pub(in crate::store) trait CommunityTables: Send {
    /// Whether there is this account. It stays until the transaction ends.
    fn holds_account(&mut self, account: AccountId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The community, which nobody else changes until the transaction ends.
    fn hold(
        &mut self,
        community: CommunityId,
    ) -> impl Future<Output = Result<Option<CommunityRow>, StoreError>> + Send;

    /// The community, as this account sees it.
    fn shown(
        &mut self,
        community: CommunityId,
        reader: AccountId,
    ) -> impl Future<Output = Result<Option<Community>, StoreError>> + Send;

    /// What the account is in the community.
    fn role(
        &mut self,
        community: CommunityId,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<CommunityRole>, StoreError>> + Send;

    /// Whether the account is banned from the community.
    fn is_banned(
        &mut self,
        community: CommunityId,
        account: AccountId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// In how many communities the account is this, or more.
    fn count_of_account(
        &mut self,
        account: AccountId,
        at_least: CommunityRole,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// How many moderators a community has.
    fn count_moderators(
        &mut self,
        community: CommunityId,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// How many accounts are banned from a community.
    fn count_bans(&mut self, community: CommunityId) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Keeps a community without members. `false` if its id is in use.
    fn insert(&mut self, community: &NewCommunity) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Lets the community say this, and be found by it.
    fn write_profile(
        &mut self,
        community: CommunityId,
        profile: &CommunityProfile,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives the community this picture instead of the one that it has.
    fn write_picture(
        &mut self,
        community: CommunityId,
        before: Option<ProfilePicture>,
        picture: Option<&NewProfilePicture>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives the community this cover instead of the one that it has.
    fn write_cover(
        &mut self,
        community: CommunityId,
        before: Option<PictureId>,
        cover: Option<&NewPicture>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes a community with all that belongs to it.
    fn delete(&mut self, community: CommunityId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes an account in that is not in it, and counts it.
    fn add_member(
        &mut self,
        community: CommunityId,
        account: AccountId,
        role: CommunityRole,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes a member something else.
    fn write_role(
        &mut self,
        community: CommunityId,
        account: AccountId,
        role: CommunityRole,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a member out, and counts it no more.
    fn remove_member(
        &mut self,
        community: CommunityId,
        account: AccountId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Bans an account that is not banned.
    fn write_ban(
        &mut self,
        community: CommunityId,
        account: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Says which group is the broadcast. `false` if there is no such group.
    fn write_broadcast(
        &mut self,
        community: CommunityId,
        group: Option<ChatId>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes a ban, if there is one.
    fn delete_ban(
        &mut self,
        community: CommunityId,
        account: AccountId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The communities that an account is in, in the order of their ids.
    fn memberships(
        &mut self,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<CommunityId>, StoreError>> + Send;

    /// Of the others in a community, who is most, and of these who came first.
    fn next_founder(
        &mut self,
        community: CommunityId,
        than: AccountId,
    ) -> impl Future<Output = Result<Option<AccountId>, StoreError>> + Send;
}
