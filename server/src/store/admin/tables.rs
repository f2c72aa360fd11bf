//! What [`super::perform`] needs of a database: each a statement or two, in a transaction that is the caller's.

use super::NewAct;
use crate::store::bot::BotStanding;
use crate::store::report::ReportStanding;
use crate::store::{NewInvite, StoreError};
use sotto_protocol::rest::admin::{AdminChange, ListedBan, NamedAccount};
use sotto_protocol::rest::community::Community;
use sotto_protocol::rest::report::Handled;
use sotto_protocol::{
    AccountId, AccountName, BotTokenHash, ChatId, CommunityId, InviteId, PermissionSet, ReportId, RoleName,
    Timestamp,
};

/// What an account is and may.
#[derive(Clone, Debug)]
pub(in crate::store) struct AccountStanding {
    pub(in crate::store) name: AccountName,
    pub(in crate::store) role: RoleName,
    pub(in crate::store) permissions: PermissionSet,
}

/// The tables of a database, within a transaction that no other act runs beside.
pub(in crate::store) trait AdminTables: Send {
    /// The account. It stays until the transaction ends.
    fn standing(
        &mut self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<AccountStanding>, StoreError>> + Send;

    /// The account's ban, if one holds at this time.
    fn ban(
        &mut self,
        account: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<Option<ListedBan>, StoreError>> + Send;

    /// Whether another account than this one is an administrator and not banned at this time.
    fn has_other_administrator(
        &mut self,
        than: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives an account a role that there is.
    fn write_role_of(
        &mut self,
        account: AccountId,
        role: &RoleName,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Bans an account that there is.
    fn write_ban(
        &mut self,
        account: AccountId,
        ban: &ListedBan,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes an account's ban.
    fn delete_ban(&mut self, account: AccountId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes an account that there is, with all that belongs to it.
    fn delete_account(
        &mut self,
        account: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What a role permits.
    fn role(
        &mut self,
        role: &RoleName,
    ) -> impl Future<Output = Result<Option<PermissionSet>, StoreError>> + Send;

    /// How many roles there are.
    fn count_roles(&mut self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Whether an account has this role, which is not `member`.
    fn is_role_in_use(&mut self, role: &RoleName) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Makes or replaces a role.
    fn write_role(
        &mut self,
        role: &RoleName,
        permissions: PermissionSet,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes a role that no account has.
    fn delete_role(&mut self, role: &RoleName) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How many invites are kept.
    fn count_invites(&mut self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Keeps an invite.
    fn write_invite(
        &mut self,
        invite: &NewInvite,
        by: Option<AccountId>,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes an invite, and returns what it was for.
    fn delete_invite(
        &mut self,
        invite: InviteId,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// A report.
    fn report_standing(
        &mut self,
        report: ReportId,
    ) -> impl Future<Output = Result<Option<ReportStanding>, StoreError>> + Send;

    /// Notes how a report that waits was handled.
    fn write_handled(
        &mut self,
        report: ReportId,
        handled: &Handled,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The community, as somebody sees it who is not in it.
    fn community(
        &mut self,
        community: CommunityId,
    ) -> impl Future<Output = Result<Option<Community>, StoreError>> + Send;

    /// Deletes a community with all that belongs to it. `false` if there is none.
    fn delete_community(
        &mut self,
        community: CommunityId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The broadcast of the whole server.
    fn broadcast(&mut self) -> impl Future<Output = Result<Option<ChatId>, StoreError>> + Send;

    /// Says which group is the broadcast of the whole server. `false` if there is no such group.
    fn write_broadcast(
        &mut self,
        group: Option<ChatId>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Whether no account has or had this name.
    fn is_name_free(&mut self, name: &AccountName) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// How the bot of this name stands.
    fn bot(
        &mut self,
        bot: &AccountName,
    ) -> impl Future<Output = Result<Option<BotStanding>, StoreError>> + Send;

    /// How many bots there are.
    fn count_bots(&mut self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Keeps a bot that is yet to be registered, in the place of one of its name that was.
    fn write_bot(
        &mut self,
        bot: &AccountName,
        token: BotTokenHash,
        by: Option<AccountId>,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets a bot.
    fn delete_bot(&mut self, bot: &AccountName) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes an act down, and returns its number.
    fn write_act(
        &mut self,
        act: &NewAct,
        by: Option<&NamedAccount>,
        change: &AdminChange,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
