//! Administration, as JavaScript sees it. The npm package's `admin.ts` describes what the methods do.

use std::str::FromStr;

use sotto_client_sdk::protocol::Timestamp;
use sotto_client_sdk::protocol::rest::admin::{CreateInvite, ListAccounts, ReadAuditLog};
use sotto_client_sdk::{Permission, PermissionSet, RoleName};
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::admin_types::{
    AccountFilter, AuditLog, InviteCreated, Invites, ListedAccount, ListedAccounts, NewInvite, OwnRole,
    ServerRoles, StorageTotals,
};
use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::types::{given, position};

/// An argument as what it stands for.
fn taken<T: FromStr>(text: &str, argument: &str) -> Answer<T> {
    text.parse().map_err(|_| Rejection::invalid(argument))
}

fn taken_permissions(permissions: &[String]) -> Answer<PermissionSet> {
    permissions
        .iter()
        .map(|permission| taken::<Permission>(permission, "permissions"))
        .collect()
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = ownRole)]
    pub async fn own_role(&self) -> Answer<Ts<OwnRole>> {
        given(self.sdk.role().await?)
    }

    #[wasm_bindgen(js_name = listAccounts)]
    pub async fn list_accounts(&self, filter: Option<Ts<AccountFilter>>) -> Answer<Ts<ListedAccounts>> {
        let filter = filter.map(|filter| filter.to_rust()).transpose();
        let filter = filter
            .map_err(|_| Rejection::invalid("filter"))?
            .unwrap_or_default();
        let role = filter.role.map(|role| taken(&role, "role")).transpose()?;
        let after = filter.after.map(|after| taken(&after, "after")).transpose()?;
        let list = ListAccounts {
            q: filter.text,
            role,
            banned: filter.is_banned,
            limit: filter.limit,
            after,
        };
        given(self.sdk.admin().accounts(&list).await?)
    }

    #[wasm_bindgen(js_name = listedAccount)]
    pub async fn listed_account(&self, account: String) -> Answer<Ts<ListedAccount>> {
        let account = taken(&account, "account")?;
        given(self.sdk.admin().account(account).await?)
    }

    #[wasm_bindgen(js_name = setRole)]
    pub async fn set_role(&self, account: String, role: String, reason: String) -> Answer<()> {
        let account = taken(&account, "account")?;
        let role: RoleName = taken(&role, "role")?;
        Ok(self.sdk.admin().set_role(account, role, &reason).await?)
    }

    #[wasm_bindgen(js_name = banAccount)]
    pub async fn ban_account(&self, account: String, reason: String, until: Option<f64>) -> Answer<()> {
        let account = taken(&account, "account")?;
        let until = until.map(|until| Timestamp(position(until)));
        Ok(self.sdk.admin().ban(account, &reason, until).await?)
    }

    #[wasm_bindgen(js_name = unbanAccount)]
    pub async fn unban_account(&self, account: String, reason: String) -> Answer<()> {
        let account = taken(&account, "account")?;
        Ok(self.sdk.admin().unban(account, &reason).await?)
    }

    #[wasm_bindgen(js_name = listInvites)]
    pub async fn list_invites(&self) -> Answer<Ts<Invites>> {
        given(self.sdk.admin().invites().await?)
    }

    #[wasm_bindgen(js_name = createInvite)]
    pub async fn create_invite(&self, invite: Ts<NewInvite>) -> Answer<Ts<InviteCreated>> {
        let invite = invite.to_rust().map_err(|_| Rejection::invalid("invite"))?;
        let wish = CreateInvite {
            uses: invite.uses,
            expires_in: invite.expires_in_seconds,
            note: invite.note,
        };
        let created = self.sdk.admin().create_invite(&wish).await?;
        let code = created.code.code().map_err(|_| Rejection::internal())?;
        given(InviteCreated::new(created.invite, code.to_text()))
    }

    #[wasm_bindgen(js_name = revokeInvite)]
    pub async fn revoke_invite(&self, invite: String, reason: String) -> Answer<()> {
        let invite = taken(&invite, "invite")?;
        Ok(self.sdk.admin().revoke_invite(invite, &reason).await?)
    }

    #[wasm_bindgen(js_name = listRoles)]
    pub async fn list_roles(&self) -> Answer<Ts<ServerRoles>> {
        given(self.sdk.admin().roles().await?)
    }

    #[wasm_bindgen(js_name = putRole)]
    pub async fn put_role(&self, role: String, permissions: Vec<String>, reason: String) -> Answer<()> {
        let role: RoleName = taken(&role, "role")?;
        let permissions = taken_permissions(&permissions)?;
        Ok(self.sdk.admin().put_role(&role, permissions, &reason).await?)
    }

    #[wasm_bindgen(js_name = deleteRole)]
    pub async fn delete_role(&self, role: String, reason: String) -> Answer<()> {
        let role: RoleName = taken(&role, "role")?;
        Ok(self.sdk.admin().delete_role(&role, &reason).await?)
    }

    #[wasm_bindgen(js_name = storageTotals)]
    pub async fn storage_totals(&self) -> Answer<Ts<StorageTotals>> {
        given(self.sdk.admin().storage().await?)
    }

    #[wasm_bindgen(js_name = auditLog)]
    pub async fn audit_log(
        &self,
        account: Option<String>,
        limit: Option<u16>,
        after: Option<f64>,
    ) -> Answer<Ts<AuditLog>> {
        let account = account.map(|account| taken(&account, "account")).transpose()?;
        let page = ReadAuditLog {
            account,
            limit,
            after: after.map(position),
        };
        given(self.sdk.admin().audit_log(&page).await?)
    }
}
