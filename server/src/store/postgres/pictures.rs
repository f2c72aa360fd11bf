//! [`PictureStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::accounts::lock_user;
use crate::store::{NewPicture, NewProfilePicture, PictureStore, StoreError};
use bytes::Bytes;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, PictureId};
use sqlx::postgres::PgConnection;

impl PictureStore for PostgresAccounts {
    async fn set_picture(
        &self,
        account: AccountId,
        picture: Option<NewProfilePicture>,
    ) -> Result<Option<User>, StoreError> {
        self.database
            .patiently(self.replace_picture(account, picture))
            .await
    }

    async fn set_cover(
        &self,
        account: AccountId,
        cover: Option<NewPicture>,
    ) -> Result<Option<User>, StoreError> {
        self.database.patiently(self.replace_cover(account, cover)).await
    }

    async fn picture(&self, picture: PictureId) -> Result<Option<Bytes>, StoreError> {
        let jpeg = sqlx::query_scalar(
            "SELECT jpeg FROM pictures WHERE picture = $1
             UNION ALL SELECT jpeg FROM community_pictures WHERE picture = $1",
        )
        .bind(picture.as_bytes().as_slice())
        .fetch_optional(self.database.readers());
        let jpeg: Option<Vec<u8>> = self
            .database
            .patiently(async { Ok::<_, StoreError>(jpeg.await?) })
            .await?;
        Ok(jpeg.map(Bytes::from))
    }
}

impl PostgresAccounts {
    async fn replace_picture(
        &self,
        account: AccountId,
        picture: Option<NewProfilePicture>,
    ) -> Result<Option<User>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some(before) = lock_user(&mut transaction, account).await? else {
            return Ok(None);
        };
        if let Some(old) = before.picture {
            delete(&mut transaction, old.large).await?;
            delete(&mut transaction, old.small).await?;
        }
        if let Some(new) = &picture {
            insert(&mut transaction, account, &new.large).await?;
            insert(&mut transaction, account, &new.small).await?;
        }
        sqlx::query("UPDATE accounts SET picture = $1, small_picture = $2 WHERE account = $3")
            .bind(picture.as_ref().map(|new| new.large.id.as_bytes().as_slice()))
            .bind(picture.as_ref().map(|new| new.small.id.as_bytes().as_slice()))
            .bind(account.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        let user = lock_user(&mut transaction, account).await?;
        transaction.commit().await?;
        Ok(user)
    }

    async fn replace_cover(
        &self,
        account: AccountId,
        cover: Option<NewPicture>,
    ) -> Result<Option<User>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some(before) = lock_user(&mut transaction, account).await? else {
            return Ok(None);
        };
        if let Some(old) = before.cover {
            delete(&mut transaction, old).await?;
        }
        if let Some(new) = &cover {
            insert(&mut transaction, account, new).await?;
        }
        sqlx::query("UPDATE accounts SET cover = $1 WHERE account = $2")
            .bind(cover.as_ref().map(|new| new.id.as_bytes().as_slice()))
            .bind(account.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        let user = lock_user(&mut transaction, account).await?;
        transaction.commit().await?;
        Ok(user)
    }
}

async fn insert(
    connection: &mut PgConnection,
    account: AccountId,
    picture: &NewPicture,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO pictures (picture, account, jpeg) VALUES ($1, $2, $3)")
        .bind(picture.id.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .bind(&*picture.jpeg)
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete(connection: &mut PgConnection, picture: PictureId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pictures WHERE picture = $1")
        .bind(picture.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}
