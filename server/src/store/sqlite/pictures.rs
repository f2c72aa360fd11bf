//! [`PictureStore`] on SQLite.

use super::SqliteAccounts;
use super::accounts::user;
use crate::store::{NewPicture, NewProfilePicture, PictureStore, StoreError};
use bytes::Bytes;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, PictureId};
use sqlx::sqlite::SqliteConnection;

impl PictureStore for SqliteAccounts {
    async fn set_picture(
        &self,
        account: AccountId,
        picture: Option<NewProfilePicture>,
    ) -> Result<Option<User>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some(before) = user(&mut transaction, account).await? else {
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
        sqlx::query("UPDATE accounts SET picture = ?, small_picture = ? WHERE account = ?")
            .bind(picture.as_ref().map(|new| new.large.id.as_bytes().as_slice()))
            .bind(picture.as_ref().map(|new| new.small.id.as_bytes().as_slice()))
            .bind(account.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        let user = user(&mut transaction, account).await?;
        transaction.commit().await?;
        Ok(user)
    }

    async fn set_cover(
        &self,
        account: AccountId,
        cover: Option<NewPicture>,
    ) -> Result<Option<User>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some(before) = user(&mut transaction, account).await? else {
            return Ok(None);
        };
        if let Some(old) = before.cover {
            delete(&mut transaction, old).await?;
        }
        if let Some(new) = &cover {
            insert(&mut transaction, account, new).await?;
        }
        sqlx::query("UPDATE accounts SET cover = ? WHERE account = ?")
            .bind(cover.as_ref().map(|new| new.id.as_bytes().as_slice()))
            .bind(account.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        let user = user(&mut transaction, account).await?;
        transaction.commit().await?;
        Ok(user)
    }

    async fn picture(&self, picture: PictureId) -> Result<Option<Bytes>, StoreError> {
        let jpeg: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT jpeg FROM pictures WHERE picture = ?1
             UNION ALL SELECT jpeg FROM community_pictures WHERE picture = ?1",
        )
        .bind(picture.as_bytes().as_slice())
        .fetch_optional(&mut *self.database.reader().await?)
        .await?;
        Ok(jpeg.map(Bytes::from))
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    account: AccountId,
    picture: &NewPicture,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO pictures (picture, account, jpeg) VALUES (?, ?, ?)")
        .bind(picture.id.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .bind(&*picture.jpeg)
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete(connection: &mut SqliteConnection, picture: PictureId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pictures WHERE picture = ?")
        .bind(picture.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}
