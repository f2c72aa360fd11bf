//! Accounts that may not send into a chat.

use super::PostgresLog;
use crate::store::StoreError;
use sotto_protocol::{AccountId, ChatId};

impl PostgresLog {
    pub(super) async fn set_silenced(
        &self,
        chat: ChatId,
        account: AccountId,
        silenced: bool,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        // Until the transaction ends no node writes to the chat, and then every node's writer reads it anew.
        let key: Option<i64> = sqlx::query_scalar(
            "UPDATE heads SET members_version = members_version + 1
             FROM chats WHERE chats.chat = $1 AND heads.chat = chats.key RETURNING heads.chat",
        )
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(&mut *transaction)
        .await?;
        let changed = sqlx::query("UPDATE parties SET silenced = $3 WHERE account = $2 AND chat = $1")
            .bind(key)
            .bind(account.as_bytes().as_slice())
            .bind(silenced)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }
}
