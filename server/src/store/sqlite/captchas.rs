//! [`CaptchaStore`] on SQLite.

use super::SqliteAccounts;
use super::column::integer;
use crate::store::{CaptchaStore, SpentCaptcha, StoreError};
use sotto_protocol::Timestamp;
use sqlx::SqliteExecutor;

impl CaptchaStore for SqliteAccounts {
    async fn spend_captcha(&self, captcha: SpentCaptcha) -> Result<bool, StoreError> {
        spend(self.database.writer(), captcha).await
    }

    async fn purge_captchas(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM spent_captchas WHERE expires_at <= ?")
            .bind(integer(now.0))
            .execute(self.database.writer())
            .await?;
        Ok(())
    }
}

/// `false` if the captcha was spent before.
pub(super) async fn spend(
    executor: impl SqliteExecutor<'_>,
    captcha: SpentCaptcha,
) -> Result<bool, StoreError> {
    let spent = sqlx::query(
        "INSERT INTO spent_captchas (challenge, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(captcha.challenge.as_slice())
    .bind(integer(captcha.expires_at.0))
    .execute(executor)
    .await?;
    Ok(spent.rows_affected() == 1)
}
