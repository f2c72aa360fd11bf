//! [`SecretStore`] on SQLite.

use super::SqliteAccounts;
use crate::store::{SecretStore, StoreError};
use zeroize::Zeroizing;

impl SecretStore for SqliteAccounts {
    async fn server_secret(
        &self,
        name: &'static str,
        fresh: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let mut transaction = self.database.begin().await?;
        sqlx::query("INSERT INTO server_secrets (name, secret) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(fresh.as_slice())
            .execute(&mut *transaction)
            .await?;
        let secret: Vec<u8> = sqlx::query_scalar("SELECT secret FROM server_secrets WHERE name = ?")
            .bind(name)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Zeroizing::new(secret))
    }
}
