//! Accounts that may not send into a chat.

use super::SqliteLog;
use crate::store::StoreError;
use crate::store::sqlite::database::BEGIN;
use sotto_protocol::{AccountId, ChatId};
use sqlx::Connection;

impl SqliteLog {
    pub(super) async fn set_silenced(
        &self,
        chat: ChatId,
        account: AccountId,
        silenced: bool,
    ) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, cache, _) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let changed = sqlx::query(
            "UPDATE parties SET silenced = ? WHERE account = ? AND chat = (SELECT key FROM chats WHERE chat = ?)",
        )
        .bind(silenced)
        .bind(account.as_bytes().as_slice())
        .bind(chat.as_bytes().as_slice())
        .execute(&mut *transaction)
        .await?;
        cache.forget(chat);
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }
}
