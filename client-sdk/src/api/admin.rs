//! `/v1/role` and `/v1/admin/…`

use super::{Api, ApiError, NO_BODY, escaped};
use crate::platform::{Method, Platform};
use core::fmt::Write as _;
use sotto_protocol::rest::admin::{
    AuditLog, BanAccount, Bots, CreateBot, CreateInvite, ForReason, InviteCreated, Invites, ListAccounts,
    ListedAccount, ListedAccounts, PutRole, ReadAuditLog, Roles, SetRole, StorageTotals,
};
use sotto_protocol::rest::role::OwnRole;
use sotto_protocol::{AccountId, AccountName, CommunityId, InviteId, RoleName};

/// A query string of what is given.
pub(super) fn query<const N: usize>(path: &str, members: [(&str, Option<String>); N]) -> String {
    let mut text = path.to_owned();
    let mut separator = '?';
    for (name, value) in members {
        if let Some(value) = value {
            // Writing to a string does not fail.
            let _ = write!(text, "{separator}{name}={}", escaped(&value));
            separator = '&';
        }
    }
    text
}

impl<P: Platform> Api<P> {
    /// `GET /v1/role`
    pub(crate) async fn own_role(&self) -> Result<OwnRole, ApiError> {
        self.call(Method::Get, "/v1/role".to_owned(), NO_BODY).await
    }

    /// `GET /v1/admin/account`
    pub(crate) async fn list_accounts(&self, list: &ListAccounts) -> Result<ListedAccounts, ApiError> {
        let path = query(
            "/v1/admin/account",
            [
                ("q", list.q.clone()),
                ("role", list.role.as_ref().map(ToString::to_string)),
                ("banned", list.banned.map(|banned| banned.to_string())),
                ("limit", list.limit.map(|limit| limit.to_string())),
                ("after", list.after.as_ref().map(ToString::to_string)),
            ],
        );
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `GET /v1/admin/account/{account}`
    pub(crate) async fn listed_account(&self, account: AccountId) -> Result<ListedAccount, ApiError> {
        let path = format!("/v1/admin/account/{account}");
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `PUT /v1/admin/account/{account}/role`
    pub(crate) async fn set_role(&self, account: AccountId, body: &SetRole) -> Result<(), ApiError> {
        let path = format!("/v1/admin/account/{account}/role");
        self.call(Method::Put, path, Some(body)).await
    }

    /// `PUT /v1/admin/account/{account}/ban`
    pub(crate) async fn ban_account(&self, account: AccountId, body: &BanAccount) -> Result<(), ApiError> {
        let path = format!("/v1/admin/account/{account}/ban");
        self.call(Method::Put, path, Some(body)).await
    }

    /// `DELETE /v1/admin/account/{account}/ban`
    pub(crate) async fn unban_account(&self, account: AccountId, body: &ForReason) -> Result<(), ApiError> {
        let path = format!("/v1/admin/account/{account}/ban");
        self.call(Method::Delete, path, Some(body)).await
    }

    /// `GET /v1/admin/invite`
    pub(crate) async fn invites(&self) -> Result<Invites, ApiError> {
        self.call(Method::Get, "/v1/admin/invite".to_owned(), NO_BODY)
            .await
    }

    /// `POST /v1/admin/invite`
    pub(crate) async fn create_invite(&self, body: &CreateInvite) -> Result<InviteCreated, ApiError> {
        self.call(Method::Post, "/v1/admin/invite".to_owned(), Some(body))
            .await
    }

    /// `DELETE /v1/admin/invite/{id}`
    pub(crate) async fn revoke_invite(&self, invite: InviteId, body: &ForReason) -> Result<(), ApiError> {
        let path = format!("/v1/admin/invite/{invite}");
        self.call(Method::Delete, path, Some(body)).await
    }

    /// `GET /v1/admin/bot`
    pub(crate) async fn bots(&self) -> Result<Bots, ApiError> {
        self.call(Method::Get, "/v1/admin/bot".to_owned(), NO_BODY).await
    }

    /// `PUT /v1/admin/bot/{name}`
    pub(crate) async fn create_bot(&self, bot: &AccountName, body: &CreateBot) -> Result<(), ApiError> {
        let path = format!("/v1/admin/bot/{bot}");
        self.call(Method::Put, path, Some(body)).await
    }

    /// `DELETE /v1/admin/bot/{name}`
    pub(crate) async fn revoke_bot(&self, bot: &AccountName, body: &ForReason) -> Result<(), ApiError> {
        let path = format!("/v1/admin/bot/{bot}");
        self.call(Method::Delete, path, Some(body)).await
    }

    /// `GET /v1/admin/role`
    pub(crate) async fn roles(&self) -> Result<Roles, ApiError> {
        self.call(Method::Get, "/v1/admin/role".to_owned(), NO_BODY).await
    }

    /// `PUT /v1/admin/role/{role}`
    pub(crate) async fn put_role(&self, role: &RoleName, body: &PutRole) -> Result<(), ApiError> {
        let path = format!("/v1/admin/role/{role}");
        self.call(Method::Put, path, Some(body)).await
    }

    /// `DELETE /v1/admin/role/{role}`
    pub(crate) async fn delete_role(&self, role: &RoleName, body: &ForReason) -> Result<(), ApiError> {
        let path = format!("/v1/admin/role/{role}");
        self.call(Method::Delete, path, Some(body)).await
    }

    /// `DELETE /v1/admin/community/{id}`
    pub(crate) async fn delete_community_of_others(
        &self,
        community: CommunityId,
        body: &ForReason,
    ) -> Result<(), ApiError> {
        let path = format!("/v1/admin/community/{community}");
        self.call(Method::Delete, path, Some(body)).await
    }

    /// `GET /v1/admin/storage`
    pub(crate) async fn storage_totals(&self) -> Result<StorageTotals, ApiError> {
        self.call(Method::Get, "/v1/admin/storage".to_owned(), NO_BODY)
            .await
    }

    /// `GET /v1/admin/audit`
    pub(crate) async fn audit_log(&self, page: &ReadAuditLog) -> Result<AuditLog, ApiError> {
        let path = query(
            "/v1/admin/audit",
            [
                ("account", page.account.map(|account| account.to_string())),
                ("limit", page.limit.map(|limit| limit.to_string())),
                ("after", page.after.map(|after| after.to_string())),
            ],
        );
        self.call(Method::Get, path, NO_BODY).await
    }
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn a_query_has_what_is_given_and_nothing_else() {
        assert_eq!(query("/a", [("q", None), ("b", None)]), "/a");
        let given = [
            ("q", Some("x & y".to_owned())),
            ("no", None),
            ("b", Some("1".to_owned())),
        ];
        assert_eq!(query("/a", given), "/a?q=x%20%26%20y&b=1");
    }
}
