//! [`SecretStore`] on PostgreSQL.

use super::PostgresAccounts;
use crate::store::{SecretStore, StoreError};
use zeroize::Zeroizing;

impl SecretStore for PostgresAccounts {
    async fn server_secret(
        &self,
        name: &'static str,
        fresh: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.database.patiently(self.secret(name, fresh)).await
    }
}

impl PostgresAccounts {
    async fn secret(
        &self,
        name: &'static str,
        fresh: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        // Whoever comes second waits for the first one's row, and then reads it.
        sqlx::query("INSERT INTO server_secrets (name, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(fresh.as_slice())
            .execute(self.database.writers())
            .await?;
        let secret: Vec<u8> = sqlx::query_scalar("SELECT secret FROM server_secrets WHERE name = $1")
            .bind(name)
            .fetch_one(self.database.writers())
            .await?;
        Ok(Zeroizing::new(secret))
    }
}
