//! [`AccountStore`] on PostgreSQL.
//!
//! What two nodes might do to one account at once goes through its row: it is locked first. A name or an id is inserted
//! first and then compared with those that are retired, so that a deletion under way is waited for and then seen.

use super::PostgresAccounts;
use super::admin::{is_last_administrator, one_act_at_a_time};
use super::blobs::delete_blobs_of;
use super::bots::{is_bot_awaited, register_bot};
use super::captchas;
use super::column::{device_list, id, integer, location, name, optional_id, profile_picture, time};
use super::communities;
use super::devices::{DeviceRow, insert_device, retire_device};
use super::invites::use_invite;
use super::oidc::{end_link, insert_link};
use super::people::write_entry;
use super::sessions::begin_session;
use crate::store::error::is_taken;
use crate::store::people::folded;
use crate::store::{
    AccountStore, CreateAccountError, DeleteAccountError, FoundAccounts, LoginRecord, NewAccount,
    ProfileChange, SearchAccounts, StoreError,
};
use bytes::Bytes;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, CoarseLocation, DeviceAddress, DeviceId, Timestamp};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgExecutor, PgRow};

impl AccountStore for PostgresAccounts {
    async fn create_account(&self, account: NewAccount) -> Result<(), CreateAccountError> {
        self.database.patiently(self.create(account)).await
    }

    async fn is_name_free(&self, name: &AccountName) -> Result<bool, StoreError> {
        self.database
            .patiently(is_name_free(self.database.readers(), name))
            .await
    }

    async fn account_by_name(&self, name: &AccountName) -> Result<Option<User>, StoreError> {
        let row = self.database.patiently(self.row_by_name(name)).await?;
        row.map(|row| read_user(&row)).transpose()
    }

    async fn account(&self, account: AccountId) -> Result<Option<User>, StoreError> {
        self.database
            .patiently(user(self.database.readers(), account))
            .await
    }

    async fn login_record(&self, name: &AccountName) -> Result<Option<LoginRecord>, StoreError> {
        let row = self.database.patiently(self.row_by_name(name)).await?;
        row.map(|row| {
            Ok(LoginRecord {
                account: id(&row, "account")?,
                identity_key: id(&row, "identity_key")?,
                opaque_record: Bytes::from(row.try_get::<Vec<u8>, _>("opaque_record")?),
                vault_by_password: Bytes::from(row.try_get::<Vec<u8>, _>("vault_by_password")?),
                vault_by_recovery_code: Bytes::from(row.try_get::<Vec<u8>, _>("vault_by_recovery_code")?),
                recovery_key: optional_id(&row, "recovery_key")?,
                device_list: device_list(&row)?,
            })
        })
        .transpose()
    }

    async fn update_profile(
        &self,
        account: AccountId,
        change: ProfileChange,
    ) -> Result<Option<User>, StoreError> {
        self.database.patiently(self.change(account, change)).await
    }

    async fn set_password(
        &self,
        account: AccountId,
        opaque_record: Bytes,
        vault: Bytes,
    ) -> Result<bool, StoreError> {
        let set =
            sqlx::query("UPDATE accounts SET opaque_record = $1, vault_by_password = $2 WHERE account = $3")
                .bind(&*opaque_record)
                .bind(&*vault)
                .bind(account.as_bytes().as_slice())
                .execute(self.database.writers());
        let set = self
            .database
            .patiently(async { Ok::<_, StoreError>(set.await?) })
            .await?;
        Ok(set.rows_affected() == 1)
    }

    async fn delete_account(&self, account: AccountId, at: Timestamp) -> Result<bool, DeleteAccountError> {
        self.database.patiently(self.delete(account, at)).await
    }

    async fn search_accounts(&self, search: SearchAccounts) -> Result<FoundAccounts, StoreError> {
        self.database.patiently(self.search_people(search)).await
    }
}

impl PostgresAccounts {
    async fn create(&self, account: NewAccount) -> Result<(), CreateAccountError> {
        let mut transaction = self.database.begin().await?;
        if let Some(captcha) = account.captcha
            && !captchas::spend(&mut *transaction, captcha).await?
        {
            return Err(CreateAccountError::CaptchaSpent);
        }
        if let Some(invite) = account.invite
            && !use_invite(&mut transaction, invite, account.at).await?
        {
            return Err(CreateAccountError::InviteInvalid);
        }
        if !is_name_free(&mut *transaction, &account.name).await? {
            return Err(CreateAccountError::NameTaken);
        }
        if account.bot.is_none() && is_bot_awaited(&mut *transaction, &account.name).await? {
            return Err(CreateAccountError::NameTaken);
        }
        insert_account(&mut transaction, &account).await?;
        let retired = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM retired_accounts WHERE name = $1) AS name,
                 EXISTS (SELECT 1 FROM retired_accounts WHERE account = $2) AS account",
        )
        .bind(account.name.as_str())
        .bind(account.account.as_bytes().as_slice())
        .fetch_one(&mut *transaction)
        .await
        .map_err(StoreError::from)?;
        if retired.try_get("name").map_err(StoreError::from)? {
            return Err(CreateAccountError::NameTaken);
        }
        if retired.try_get("account").map_err(StoreError::from)? {
            return Err(CreateAccountError::AccountTaken);
        }
        let address = DeviceAddress {
            account: account.account,
            device: account.device,
        };
        let device = DeviceRow {
            address,
            device_key: account.device_key,
            name: account.device_name.as_deref(),
            at: account.at,
        };
        insert_device(&mut transaction, device)
            .await?
            .ok_or(CreateAccountError::DeviceTaken)?;
        if let Some(link) = account.oidc
            && !insert_link(&mut *transaction, account.account, link, account.at).await?
        {
            return Err(CreateAccountError::OidcTaken);
        }
        if let Some(token) = account.bot
            && !register_bot(&mut transaction, &account.name, token, account.account).await?
        {
            return Err(CreateAccountError::BotTokenInvalid);
        }
        if let Some(user) = user(&mut *transaction, account.account).await? {
            write_entry(&mut transaction, &user).await?;
        }
        begin_session(&mut transaction, address, account.session).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn row_by_name(&self, name: &AccountName) -> Result<Option<PgRow>, StoreError> {
        Ok(sqlx::query("SELECT * FROM accounts WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(self.database.readers())
            .await?)
    }

    async fn change(&self, account: AccountId, change: ProfileChange) -> Result<Option<User>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let changed = sqlx::query(
            "UPDATE accounts SET display_name = coalesce($1, display_name),
                 display_name_folded = coalesce($8, display_name_folded), about = coalesce($2, about),
                 place = coalesce($3, place), listed = coalesce($4, listed),
                 cell = CASE WHEN $5 THEN $6 ELSE cell END
             WHERE account = $7 RETURNING *",
        )
        .bind(change.display_name.as_deref())
        .bind(change.about.as_deref())
        .bind(change.place.as_deref())
        .bind(change.listed)
        .bind(change.location.is_some())
        .bind(change.location.flatten().map(CoarseLocation::cell))
        .bind(account.as_bytes().as_slice())
        .bind(change.display_name.as_deref().map(folded))
        .fetch_optional(&mut *transaction)
        .await?
        .map(|row| read_user(&row))
        .transpose()?;
        if let Some(user) = &changed {
            write_entry(&mut transaction, user).await?;
        }
        transaction.commit().await?;
        Ok(changed)
    }

    async fn delete(&self, account: AccountId, at: Timestamp) -> Result<bool, DeleteAccountError> {
        let mut transaction = self.database.begin().await?;
        // Two administrators who leave at once would each count on the other.
        one_act_at_a_time(&mut transaction).await?;
        if is_last_administrator(&mut transaction, account, at).await? {
            return Err(DeleteAccountError::LastAdministrator);
        }
        let deleted = delete_account_in(&mut transaction, account, at).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(deleted)
    }
}

/// Deletes an account with all that belongs to it. `false` if there is none.
pub(super) async fn delete_account_in(
    connection: &mut PgConnection,
    account: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let Some(user) = lock_user(connection, account).await? else {
        return Ok(false);
    };
    sqlx::query("INSERT INTO retired_accounts (account, name, retired_at) VALUES ($1, $2, $3)")
        .bind(account.as_bytes().as_slice())
        .bind(user.name.as_str())
        .bind(integer(at.0))
        .execute(&mut *connection)
        .await?;
    let devices = sqlx::query("SELECT device FROM devices WHERE account = $1 ORDER BY device")
        .bind(account.as_bytes().as_slice())
        .fetch_all(&mut *connection)
        .await?;
    for row in &devices {
        let device: DeviceId = id(row, "device")?;
        retire_device(connection, DeviceAddress { account, device }, at).await?;
    }
    delete_blobs_of(connection, account).await?;
    communities::depart(connection, account).await?;
    end_link(connection, account).await?;
    sqlx::query("DELETE FROM accounts WHERE account = $1")
        .bind(account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(true)
}

pub(super) async fn is_name_free(
    executor: impl PgExecutor<'_>,
    name: &AccountName,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT NOT EXISTS (SELECT 1 FROM accounts WHERE name = $1)
             AND NOT EXISTS (SELECT 1 FROM retired_accounts WHERE name = $1)",
    )
    .bind(name.as_str())
    .fetch_one(executor)
    .await?)
}

async fn insert_account(
    connection: &mut PgConnection,
    account: &NewAccount,
) -> Result<(), CreateAccountError> {
    sqlx::query(
        "INSERT INTO accounts (account, name, identity_key, opaque_record, vault_by_password, vault_by_recovery_code,
             recovery_key, device_list, device_list_signature, device_list_version, created_at, bot, listed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12)",
    )
    .bind(account.account.as_bytes().as_slice())
    .bind(account.name.as_str())
    .bind(account.identity_key.as_bytes().as_slice())
    .bind(&*account.opaque_record)
    .bind(&*account.vault_by_password)
    .bind(&*account.vault_by_recovery_code)
    .bind(account.recovery_key.as_bytes().as_slice())
    .bind(account.device_list.list.as_slice())
    .bind(account.device_list.signature.as_bytes().as_slice())
    .bind(integer(account.at.0))
    .bind(account.bot.is_some())
    .bind(account.bot.is_none())
    .execute(connection)
    .await
    .map_err(|error| {
        let constraint = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
        match (is_taken(&error), constraint) {
            (true, Some("accounts_pkey")) => CreateAccountError::AccountTaken,
            (true, _) => CreateAccountError::NameTaken,
            (false, _) => StoreError::from(error).into(),
        }
    })?;
    Ok(())
}

/// The account, and its row locked until the transaction ends.
pub(super) async fn lock_user(
    connection: &mut PgConnection,
    account: AccountId,
) -> Result<Option<User>, StoreError> {
    sqlx::query("SELECT * FROM accounts WHERE account = $1 FOR UPDATE")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| read_user(&row))
        .transpose()
}

async fn user(executor: impl PgExecutor<'_>, account: AccountId) -> Result<Option<User>, StoreError> {
    sqlx::query("SELECT * FROM accounts WHERE account = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?
        .map(|row| read_user(&row))
        .transpose()
}

pub(super) fn read_user(row: &PgRow) -> Result<User, StoreError> {
    Ok(User {
        account: id(row, "account")?,
        name: name(row, "name")?,
        display_name: row.try_get("display_name")?,
        about: row.try_get("about")?,
        place: row.try_get("place")?,
        location: location(row, "cell")?,
        bot: row.try_get("bot")?,
        listed: row.try_get("listed")?,
        picture: profile_picture(row)?,
        cover: optional_id(row, "cover")?,
        identity_key: id(row, "identity_key")?,
        device_list: device_list(row)?,
        created_at: time(row, "created_at")?,
    })
}
