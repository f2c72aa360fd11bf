//! [`CaptchaStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::integer;
use crate::store::{CaptchaStore, SpentCaptcha, StoreError};
use sotto_protocol::Timestamp;
use sqlx::PgExecutor;

impl CaptchaStore for PostgresAccounts {
    async fn spend_captcha(&self, captcha: SpentCaptcha) -> Result<bool, StoreError> {
        self.database
            .patiently(spend(self.database.writers(), captcha))
            .await
    }

    async fn purge_captchas(&self, now: Timestamp) -> Result<(), StoreError> {
        let purge = sqlx::query("DELETE FROM spent_captchas WHERE expires_at <= $1")
            .bind(integer(now.0))
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(purge.await?) })
            .await?;
        Ok(())
    }
}

/// `false` if the captcha was spent before. Whoever else wants to spend it waits until this transaction has ended.
pub(super) async fn spend(executor: impl PgExecutor<'_>, captcha: SpentCaptcha) -> Result<bool, StoreError> {
    let spent = sqlx::query(
        "INSERT INTO spent_captchas (challenge, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(captcha.challenge.as_slice())
    .bind(integer(captcha.expires_at.0))
    .execute(executor)
    .await?;
    Ok(spent.rows_affected() == 1)
}
