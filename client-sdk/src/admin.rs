//! What those see and do who administer the server. Each call needs a permission of the account's role ([`Client::role`]) and the
//! server, which decides; nothing of it is kept here.

use crate::api::Api;
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use sotto_crypto_core::BotToken;
use sotto_protocol::rest::admin::{
    AuditLog, BanAccount, Bot, CreateBot, CreateInvite, ForReason, Invite, InviteCreated, ListAccounts,
    ListedAccount, ListedAccounts, PutRole, ReadAuditLog, Role, SetRole, StorageTotals,
};
use sotto_protocol::rest::report::{HandleReport, ListReports, Outcome, Reports, ShownReport};
use sotto_protocol::rest::role::OwnRole;
use sotto_protocol::{
    AccountId, AccountName, CommunityId, InviteId, PermissionSet, ReportId, RoleName, Timestamp,
};

impl<P: Platform> Client<P> {
    /// This account's role on the server, and what it permits beside what everyone may. It is asked for each time;
    /// [`Event::RoleChanged`](crate::Event::RoleChanged) says when it is worth asking again.
    pub async fn role(&self) -> Result<OwnRole, ClientError> {
        Ok(self.api().own_role().await?)
    }

    /// The server's administration, for accounts whose role permits it.
    #[must_use]
    pub fn admin(&self) -> Admin<P> {
        Admin {
            api: self.api().clone(),
        }
    }
}

/// The server's administration. What a role does not permit is refused with
/// [`Forbidden`](sotto_protocol::ProblemCode::Forbidden), and what reaches beyond one's own permissions with
/// [`PermissionExceeded`](sotto_protocol::ProblemCode::PermissionExceeded). What is done stands in the audit log, with the reason.
pub struct Admin<P: Platform> {
    api: Api<P>,
}

impl<P: Platform> Admin<P> {
    /// A page of the accounts, in the order of their names.
    pub async fn accounts(&self, list: &ListAccounts) -> Result<ListedAccounts, ClientError> {
        Ok(self.api.list_accounts(list).await?)
    }

    /// One account.
    pub async fn account(&self, account: AccountId) -> Result<ListedAccount, ClientError> {
        Ok(self.api.listed_account(account).await?)
    }

    /// Gives an account a role.
    pub async fn set_role(
        &self,
        account: AccountId,
        role: RoleName,
        reason: &str,
    ) -> Result<(), ClientError> {
        let body = SetRole {
            role,
            reason: reason.to_owned(),
        };
        Ok(self.api.set_role(account, &body).await?)
    }

    /// Bans an account until a time, or for good. It reads the reason.
    pub async fn ban(
        &self,
        account: AccountId,
        reason: &str,
        until: Option<Timestamp>,
    ) -> Result<(), ClientError> {
        let body = BanAccount {
            reason: reason.to_owned(),
            until,
        };
        Ok(self.api.ban_account(account, &body).await?)
    }

    /// Lifts a ban.
    pub async fn unban(&self, account: AccountId, reason: &str) -> Result<(), ClientError> {
        Ok(self.api.unban_account(account, &for_reason(reason)).await?)
    }

    /// The invites, the latest first, without their codes.
    pub async fn invites(&self) -> Result<Vec<Invite>, ClientError> {
        Ok(self.api.invites().await?.invites)
    }

    /// Makes an invite code. It is shown this once.
    pub async fn create_invite(&self, invite: &CreateInvite) -> Result<InviteCreated, ClientError> {
        Ok(self.api.create_invite(invite).await?)
    }

    /// Ends an invite. Accounts that were made with it stay.
    pub async fn revoke_invite(&self, invite: InviteId, reason: &str) -> Result<(), ClientError> {
        Ok(self.api.revoke_invite(invite, &for_reason(reason)).await?)
    }

    /// The bots, in the order of their names.
    pub async fn bots(&self) -> Result<Vec<Bot>, ClientError> {
        Ok(self.api.bots().await?.bots)
    }

    /// Makes a bot, whose program then registers it by [`Client::log_in_as_bot`] with this token, or gives one that is yet to be
    /// registered this token. The server is told its name and the token's hash.
    pub async fn create_bot(&self, token: &BotToken) -> Result<(), ClientError> {
        let body = CreateBot {
            token_hash: token.hash(),
        };
        Ok(self.api.create_bot(token.name(), &body).await?)
    }

    /// Revokes a bot's token: the bot is logged out everywhere, and let in nowhere.
    pub async fn revoke_bot(&self, bot: &AccountName, reason: &str) -> Result<(), ClientError> {
        Ok(self.api.revoke_bot(bot, &for_reason(reason)).await?)
    }

    /// The roles, in the order of their names.
    pub async fn roles(&self) -> Result<Vec<Role>, ClientError> {
        Ok(self.api.roles().await?.roles)
    }

    /// Makes a role, or says anew what it permits.
    pub async fn put_role(
        &self,
        role: &RoleName,
        permissions: PermissionSet,
        reason: &str,
    ) -> Result<(), ClientError> {
        let body = PutRole {
            permissions,
            reason: reason.to_owned(),
        };
        Ok(self.api.put_role(role, &body).await?)
    }

    /// Deletes a role that no account has.
    pub async fn delete_role(&self, role: &RoleName, reason: &str) -> Result<(), ClientError> {
        Ok(self.api.delete_role(role, &for_reason(reason)).await?)
    }

    /// A page of the reports that are not about this account, without what messages say.
    pub async fn reports(&self, list: &ListReports) -> Result<Reports, ClientError> {
        Ok(self.api.reports(list).await?)
    }

    /// A report with all that it shows: [`ReportedContent::read`](crate::ReportedContent::read) reads what messages say.
    pub async fn report(&self, report: ReportId) -> Result<ShownReport, ClientError> {
        Ok(self.api.shown_report(report).await?)
    }

    /// Says what became of a report. One that was handled before stays as it is.
    pub async fn handle_report(
        &self,
        report: ReportId,
        outcome: Outcome,
        note: &str,
    ) -> Result<ShownReport, ClientError> {
        let body = HandleReport {
            outcome,
            note: note.to_owned(),
        };
        Ok(self.api.handle_report(report, &body).await?)
    }

    /// Deletes a community whose founder may do no more than oneself. It needs
    /// [`HandleReports`](sotto_protocol::Permission::HandleReports).
    pub async fn delete_community(&self, community: CommunityId, reason: &str) -> Result<(), ClientError> {
        let reason = for_reason(reason);
        Ok(self.api.delete_community_of_others(community, &reason).await?)
    }

    /// How much there is on the server.
    pub async fn storage(&self) -> Result<StorageTotals, ClientError> {
        Ok(self.api.storage_totals().await?)
    }

    /// A page of what was done, the latest first.
    pub async fn audit_log(&self, page: &ReadAuditLog) -> Result<AuditLog, ClientError> {
        Ok(self.api.audit_log(page).await?)
    }
}

fn for_reason(reason: &str) -> ForReason {
    ForReason {
        reason: reason.to_owned(),
    }
}
