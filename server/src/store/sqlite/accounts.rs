//! [`AccountStore`] on SQLite.

use super::SqliteAccounts;
use super::admin::is_last_administrator;
use super::blobs::delete_blobs_of;
use super::bots::{is_bot_awaited, register_bot};
use super::captchas;
use super::column::{device_list, id, integer, location, name, optional_id, profile_picture, time};
use super::communities;
use super::devices::{DeviceRow, insert_device, retire_device};
use super::invites::use_invite;
use super::oidc::{end_link, insert_link};
use super::people::{remove_entry, write_entry};
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
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl AccountStore for SqliteAccounts {
    async fn create_account(&self, account: NewAccount) -> Result<(), CreateAccountError> {
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
        if !is_name_free(&mut transaction, &account.name).await? {
            return Err(CreateAccountError::NameTaken);
        }
        if account.bot.is_none() && is_bot_awaited(&mut transaction, &account.name).await? {
            return Err(CreateAccountError::NameTaken);
        }
        if is_account_taken(&mut transaction, account.account).await? {
            return Err(CreateAccountError::AccountTaken);
        }
        insert_account(&mut transaction, &account).await?;
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
        if let Some(user) = user(&mut transaction, account.account).await? {
            write_entry(&mut transaction, &user).await?;
        }
        begin_session(&mut transaction, address, account.session).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn is_name_free(&self, name: &AccountName) -> Result<bool, StoreError> {
        let mut connection = self.database.reader().await?;
        is_name_free(&mut connection, name).await
    }

    async fn account_by_name(&self, name: &AccountName) -> Result<Option<User>, StoreError> {
        sqlx::query("SELECT * FROM accounts WHERE name = ?")
            .bind(name.as_str())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| read_user(&row))
            .transpose()
    }

    async fn account(&self, account: AccountId) -> Result<Option<User>, StoreError> {
        let mut connection = self.database.reader().await?;
        user(&mut connection, account).await
    }

    async fn login_record(&self, name: &AccountName) -> Result<Option<LoginRecord>, StoreError> {
        sqlx::query("SELECT * FROM accounts WHERE name = ?")
            .bind(name.as_str())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| {
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
        let mut transaction = self.database.begin().await?;
        sqlx::query(
            "UPDATE accounts SET display_name = coalesce(?, display_name),
                 display_name_folded = coalesce(?, display_name_folded), about = coalesce(?, about),
                 place = coalesce(?, place), listed = coalesce(?, listed), cell = iif(?, ?, cell)
             WHERE account = ?",
        )
        .bind(change.display_name.as_deref())
        .bind(change.display_name.as_deref().map(folded))
        .bind(change.about.as_deref())
        .bind(change.place.as_deref())
        .bind(change.listed)
        .bind(change.location.is_some())
        .bind(change.location.flatten().map(CoarseLocation::cell))
        .bind(account.as_bytes().as_slice())
        .execute(&mut *transaction)
        .await?;
        let user = user(&mut transaction, account).await?;
        if let Some(user) = &user {
            write_entry(&mut transaction, user).await?;
        }
        transaction.commit().await?;
        Ok(user)
    }

    async fn set_password(
        &self,
        account: AccountId,
        opaque_record: Bytes,
        vault: Bytes,
    ) -> Result<bool, StoreError> {
        let set =
            sqlx::query("UPDATE accounts SET opaque_record = ?, vault_by_password = ? WHERE account = ?")
                .bind(&*opaque_record)
                .bind(&*vault)
                .bind(account.as_bytes().as_slice())
                .execute(self.database.writer())
                .await?;
        Ok(set.rows_affected() == 1)
    }

    async fn delete_account(&self, account: AccountId, at: Timestamp) -> Result<bool, DeleteAccountError> {
        let mut transaction = self.database.begin().await?;
        if is_last_administrator(&mut transaction, account, at).await? {
            return Err(DeleteAccountError::LastAdministrator);
        }
        let deleted = delete_account_in(&mut transaction, account, at).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(deleted)
    }

    async fn search_accounts(&self, search: SearchAccounts) -> Result<FoundAccounts, StoreError> {
        self.search_people(search).await
    }
}

/// Deletes an account with all that belongs to it. `false` if there is none.
pub(super) async fn delete_account_in(
    connection: &mut SqliteConnection,
    account: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let retired = sqlx::query(
        "INSERT INTO retired_accounts (account, name, retired_at) SELECT account, name, ? FROM accounts WHERE account = ?",
    )
    .bind(integer(at.0))
    .bind(account.as_bytes().as_slice())
    .execute(&mut *connection)
    .await?;
    if retired.rows_affected() == 0 {
        return Ok(false);
    }
    let devices = sqlx::query("SELECT device FROM devices WHERE account = ?")
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
    remove_entry(connection, account).await?;
    sqlx::query("DELETE FROM accounts WHERE account = ?")
        .bind(account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(true)
}

pub(super) async fn is_name_free(
    connection: &mut SqliteConnection,
    name: &AccountName,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT NOT EXISTS (SELECT 1 FROM accounts WHERE name = ?1)
             AND NOT EXISTS (SELECT 1 FROM retired_accounts WHERE name = ?1)",
    )
    .bind(name.as_str())
    .fetch_one(connection)
    .await?)
}

async fn is_account_taken(connection: &mut SqliteConnection, account: AccountId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?1)
             OR EXISTS (SELECT 1 FROM retired_accounts WHERE account = ?1)",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_one(connection)
    .await?)
}

async fn insert_account(
    connection: &mut SqliteConnection,
    account: &NewAccount,
) -> Result<(), CreateAccountError> {
    sqlx::query(
        "INSERT INTO accounts (account, name, identity_key, opaque_record, vault_by_password, vault_by_recovery_code,
             recovery_key, device_list, device_list_signature, device_list_version, created_at, bot, listed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
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
        if is_taken(&error) {
            CreateAccountError::NameTaken
        } else {
            StoreError::from(error).into()
        }
    })?;
    Ok(())
}

pub(super) async fn user(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> Result<Option<User>, StoreError> {
    sqlx::query("SELECT * FROM accounts WHERE account = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| read_user(&row))
        .transpose()
}

fn read_user(row: &SqliteRow) -> Result<User, StoreError> {
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
