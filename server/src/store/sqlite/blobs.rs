//! [`BlobStore`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer, number, time};
use crate::store::{
    AdvanceBlobError, Blob, BlobAllowance, BlobProgress, BlobStore, CreateBlobError, NewBlob, ObjectId,
    StoreError, StoredBlobs,
};
use sotto_protocol::{AccountId, BlobId, Retention, Timestamp};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection as _, Row};

impl BlobStore for SqliteAccounts {
    async fn installation_id(&self) -> Result<Vec<u8>, StoreError> {
        self.installation().await
    }

    async fn create_blob(&self, new: NewBlob, allowance: BlobAllowance) -> Result<Blob, CreateBlobError> {
        let mut transaction = self.database.begin().await?;
        if let Some(earlier) = of_upload(&mut transaction, &new).await? {
            return if earlier.size == new.size && earlier.retention == new.retention {
                Ok(earlier)
            } else {
                Err(CreateBlobError::UploadTaken)
            };
        }
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?)")
            .bind(new.account.as_bytes().as_slice())
            .fetch_one(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
        if !exists {
            return Err(CreateBlobError::AccountNotFound);
        }
        let stored = stored(&mut transaction, new.account).await?;
        if stored.bytes.saturating_add(new.size) > allowance.bytes {
            return Err(CreateBlobError::QuotaExceeded);
        }
        if stored.blobs >= allowance.blobs {
            return Err(CreateBlobError::TooManyBlobs);
        }
        if stored.uploads >= allowance.uploads {
            return Err(CreateBlobError::TooManyUploads);
        }
        insert(&mut transaction, &new).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Blob {
            blob: new.blob,
            account: new.account,
            size: new.size,
            received: 0,
            retention: new.retention,
            created_at: new.at,
            ends_at: Some(new.abandoned_at),
        })
    }

    async fn blob(&self, blob: BlobId) -> Result<Option<Blob>, StoreError> {
        let mut connection = self.database.reader().await?;
        read(&mut connection, blob).await
    }

    async fn blob_objects(&self, blob: BlobId, first: u64, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        let rows = sqlx::query(
            "SELECT object FROM blob_segments WHERE blob = ? AND segment >= ? ORDER BY segment LIMIT ? + 0",
        )
        .bind(blob.as_bytes().as_slice())
        .bind(integer(first))
        .bind(i64::from(limit))
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        objects(&rows)
    }

    async fn advance_blob(&self, progress: BlobProgress) -> Result<Blob, AdvanceBlobError> {
        let mut transaction = self.database.begin().await?;
        let blob = read(&mut transaction, progress.blob)
            .await?
            .ok_or(AdvanceBlobError::BlobNotFound)?;
        if blob.received != progress.from || !(progress.from + 1..=blob.size).contains(&progress.to) {
            return Err(AdvanceBlobError::WrongOffset {
                received: blob.received,
            });
        }
        name_object(&mut transaction, progress).await?;
        let advanced = blob.advanced(progress);
        set_progress(&mut transaction, &advanced).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(advanced)
    }

    async fn delete_blob(&self, blob: BlobId) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some(blob) = read(&mut transaction, blob).await? else {
            return Ok(false);
        };
        delete(&mut transaction, &blob).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn end_blobs(&self, now: Timestamp, limit: u16) -> Result<u16, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ended = sqlx::query("SELECT * FROM blobs WHERE ends_at <= ? ORDER BY ends_at LIMIT ? + 0")
            .bind(integer(now.0))
            .bind(i64::from(limit))
            .fetch_all(&mut *transaction)
            .await?;
        for row in &ended {
            delete(&mut transaction, &read_blob(row)?).await?;
        }
        transaction.commit().await?;
        Ok(u16::try_from(ended.len()).unwrap_or(limit))
    }

    async fn stored_blobs(&self, account: AccountId) -> Result<StoredBlobs, StoreError> {
        let mut connection = self.database.reader().await?;
        stored(&mut connection, account).await
    }

    async fn condemned_objects(&self, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        let rows = sqlx::query("SELECT object FROM condemned_objects LIMIT ? + 0")
            .bind(i64::from(limit))
            .fetch_all(&mut *self.database.reader().await?)
            .await?;
        objects(&rows)
    }

    async fn forget_objects(&self, objects: &[ObjectId]) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for object in objects {
            sqlx::query("DELETE FROM condemned_objects WHERE object = ?")
                .bind(object.0.as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn unnamed(&self, objects: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError> {
        let mut reader = self.database.reader().await?;
        let mut transaction = reader.begin().await?;
        let mut unnamed = Vec::new();
        for object in objects {
            let named: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM blob_segments WHERE object = ?1)
                     OR EXISTS (SELECT 1 FROM condemned_objects WHERE object = ?1)",
            )
            .bind(object.0.as_slice())
            .fetch_one(&mut *transaction)
            .await?;
            if !named {
                unnamed.push(*object);
            }
        }
        Ok(unnamed)
    }

    async fn named_after(&self, after: ObjectId, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        let rows =
            sqlx::query("SELECT object FROM blob_segments WHERE object > ? ORDER BY object LIMIT ? + 0")
                .bind(after.0.as_slice())
                .bind(i64::from(limit))
                .fetch_all(&mut *self.database.reader().await?)
                .await?;
        objects(&rows)
    }
}

/// Deletes all blobs of an account that is about to be deleted, and condemns their objects.
pub(super) async fn delete_blobs_of(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO condemned_objects (object)
         SELECT object FROM blob_segments WHERE blob IN (SELECT blob FROM blobs WHERE account = ?)",
        "DELETE FROM blob_segments WHERE blob IN (SELECT blob FROM blobs WHERE account = ?)",
        "DELETE FROM blobs WHERE account = ?",
    ] {
        sqlx::query(statement)
            .bind(account.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn of_upload(connection: &mut SqliteConnection, new: &NewBlob) -> Result<Option<Blob>, StoreError> {
    sqlx::query("SELECT * FROM blobs WHERE account = ? AND upload = ?")
        .bind(new.account.as_bytes().as_slice())
        .bind(new.upload.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| read_blob(&row))
        .transpose()
}

async fn insert(connection: &mut SqliteConnection, new: &NewBlob) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO blobs (blob, account, upload, size, received, retention_seconds, created_at, ends_at)
         VALUES (?, ?, ?, ?, 0, ?, ?, ?)",
    )
    .bind(new.blob.as_bytes().as_slice())
    .bind(new.account.as_bytes().as_slice())
    .bind(new.upload.as_bytes().as_slice())
    .bind(integer(new.size))
    .bind(match new.retention {
        Retention::For { seconds } => Some(i64::from(seconds)),
        Retention::Keep | Retention::Never => None,
    })
    .bind(integer(new.at.0))
    .bind(integer(new.abandoned_at.0))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO stored_blobs (account, bytes, blobs, uploads) VALUES (?1, ?2, 1, 1)
         ON CONFLICT (account) DO UPDATE SET bytes = bytes + ?2, blobs = blobs + 1, uploads = uploads + 1",
    )
    .bind(new.account.as_bytes().as_slice())
    .bind(integer(new.size))
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes the object the one that holds its segment, and condemns the one that did.
async fn name_object(connection: &mut SqliteConnection, progress: BlobProgress) -> Result<(), StoreError> {
    let blob = progress.blob.as_bytes().as_slice();
    let segment = integer(progress.segment());
    sqlx::query(
        "INSERT INTO condemned_objects (object) SELECT object FROM blob_segments WHERE blob = ? AND segment = ?",
    )
    .bind(blob)
    .bind(segment)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO blob_segments (blob, segment, object) VALUES (?1, ?2, ?3)
         ON CONFLICT (blob, segment) DO UPDATE SET object = ?3",
    )
    .bind(blob)
    .bind(segment)
    .bind(progress.object.0.as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

async fn set_progress(connection: &mut SqliteConnection, blob: &Blob) -> Result<(), StoreError> {
    sqlx::query("UPDATE blobs SET received = ?, ends_at = ? WHERE blob = ?")
        .bind(integer(blob.received))
        .bind(blob.ends_at.map(|at| integer(at.0)))
        .bind(blob.blob.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    if blob.is_whole() {
        sqlx::query("UPDATE stored_blobs SET uploads = uploads - 1 WHERE account = ?")
            .bind(blob.account.as_bytes().as_slice())
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn delete(connection: &mut SqliteConnection, blob: &Blob) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO condemned_objects (object) SELECT object FROM blob_segments WHERE blob = ?",
        "DELETE FROM blob_segments WHERE blob = ?",
        "DELETE FROM blobs WHERE blob = ?",
    ] {
        sqlx::query(statement)
            .bind(blob.blob.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "UPDATE stored_blobs SET bytes = bytes - ?, blobs = blobs - 1, uploads = uploads - ? WHERE account = ?",
    )
    .bind(integer(blob.size))
    .bind(i64::from(!blob.is_whole()))
    .bind(blob.account.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

async fn read(connection: &mut SqliteConnection, blob: BlobId) -> Result<Option<Blob>, StoreError> {
    sqlx::query("SELECT * FROM blobs WHERE blob = ?")
        .bind(blob.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| read_blob(&row))
        .transpose()
}

async fn stored(connection: &mut SqliteConnection, account: AccountId) -> Result<StoredBlobs, StoreError> {
    let row = sqlx::query("SELECT bytes, blobs, uploads FROM stored_blobs WHERE account = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(StoredBlobs::default()), |row| {
        Ok(StoredBlobs {
            bytes: number(&row, "bytes")?,
            blobs: number(&row, "blobs")?,
            uploads: number(&row, "uploads")?,
        })
    })
}

fn read_blob(row: &SqliteRow) -> Result<Blob, StoreError> {
    let retention = match row.try_get::<Option<i64>, _>("retention_seconds")? {
        None => Retention::Keep,
        Some(_) => Retention::For {
            seconds: number(row, "retention_seconds")?,
        },
    };
    let ends_at = match row.try_get::<Option<i64>, _>("ends_at")? {
        None => None,
        Some(_) => Some(time(row, "ends_at")?),
    };
    Ok(Blob {
        blob: id(row, "blob")?,
        account: id(row, "account")?,
        size: number(row, "size")?,
        received: number(row, "received")?,
        retention,
        created_at: time(row, "created_at")?,
        ends_at,
    })
}

fn objects(rows: &[SqliteRow]) -> Result<Vec<ObjectId>, StoreError> {
    rows.iter().map(|row| id(row, "object")).collect()
}
