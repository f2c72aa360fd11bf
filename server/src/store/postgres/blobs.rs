//! [`BlobStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::accounts::lock_user;
use super::column::{id, integer, number, time};
use crate::store::{
    AdvanceBlobError, Blob, BlobAllowance, BlobProgress, BlobStore, CreateBlobError, NewBlob, ObjectId,
    StoreError, StoredBlobs,
};
use sotto_protocol::{AccountId, BlobId, Retention, Timestamp};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgExecutor, PgRow};

impl BlobStore for PostgresAccounts {
    async fn installation_id(&self) -> Result<Vec<u8>, StoreError> {
        self.database.patiently(self.installation()).await
    }

    async fn create_blob(&self, new: NewBlob, allowance: BlobAllowance) -> Result<Blob, CreateBlobError> {
        self.database.patiently(self.begin_upload(new, allowance)).await
    }

    async fn blob(&self, blob: BlobId) -> Result<Option<Blob>, StoreError> {
        self.database.patiently(read(self.database.readers(), blob)).await
    }

    async fn blob_objects(&self, blob: BlobId, first: u64, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        self.database.patiently(self.objects_of(blob, first, limit)).await
    }

    async fn advance_blob(&self, progress: BlobProgress) -> Result<Blob, AdvanceBlobError> {
        self.database.patiently(self.advance(progress)).await
    }

    async fn delete_blob(&self, blob: BlobId) -> Result<bool, StoreError> {
        self.database.patiently(self.delete_one(blob)).await
    }

    async fn end_blobs(&self, now: Timestamp, limit: u16) -> Result<u16, StoreError> {
        self.database.patiently(self.end(now, limit)).await
    }

    async fn stored_blobs(&self, account: AccountId) -> Result<StoredBlobs, StoreError> {
        self.database
            .patiently(stored(self.database.readers(), account))
            .await
    }

    async fn condemned_objects(&self, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        self.database.patiently(self.condemned(limit)).await
    }

    async fn forget_objects(&self, objects: &[ObjectId]) -> Result<(), StoreError> {
        self.database.patiently(self.forget(objects)).await
    }

    async fn unnamed(&self, objects: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError> {
        self.database.patiently(self.not_named(objects)).await
    }

    async fn named_after(&self, after: ObjectId, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        self.database.patiently(self.named(after, limit)).await
    }
}

impl PostgresAccounts {
    async fn begin_upload(&self, new: NewBlob, allowance: BlobAllowance) -> Result<Blob, CreateBlobError> {
        let mut transaction = self.database.begin().await?;
        // One upload of an account after the other is begun, so that it stays within its allowance.
        let exists = lock_user(&mut transaction, new.account).await?.is_some();
        if let Some(earlier) = of_upload(&mut transaction, &new).await? {
            return if earlier.size == new.size && earlier.retention == new.retention {
                Ok(earlier)
            } else {
                Err(CreateBlobError::UploadTaken)
            };
        }
        if !exists {
            return Err(CreateBlobError::AccountNotFound);
        }
        let stored = stored(&mut *transaction, new.account).await?;
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

    async fn objects_of(&self, blob: BlobId, first: u64, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        let rows = sqlx::query(
            "SELECT object FROM blob_segments WHERE blob = $1 AND segment >= $2 ORDER BY segment LIMIT $3",
        )
        .bind(blob.as_bytes().as_slice())
        .bind(integer(first))
        .bind(i64::from(limit))
        .fetch_all(self.database.readers())
        .await?;
        read_objects(&rows)
    }

    async fn advance(&self, progress: BlobProgress) -> Result<Blob, AdvanceBlobError> {
        let mut transaction = self.database.begin().await?;
        let blob = lock_blob(&mut transaction, progress.blob)
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

    async fn delete_one(&self, blob: BlobId) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some(blob) = lock_blob(&mut transaction, blob).await? else {
            return Ok(false);
        };
        delete(&mut transaction, &blob).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn end(&self, now: Timestamp, limit: u16) -> Result<u16, StoreError> {
        let mut transaction = self.database.begin().await?;
        // What another node is ending just now is left to it. The accounts in order: their sums are locked one by one.
        let ended = sqlx::query(
            "WITH ended AS MATERIALIZED (
                 SELECT * FROM blobs WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED)
             SELECT * FROM ended ORDER BY account",
        )
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

    async fn condemned(&self, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        let rows = sqlx::query("SELECT object FROM condemned_objects LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(self.database.readers())
            .await?;
        read_objects(&rows)
    }

    async fn forget(&self, objects: &[ObjectId]) -> Result<(), StoreError> {
        let objects: Vec<&[u8]> = objects.iter().map(|object| object.0.as_slice()).collect();
        sqlx::query("DELETE FROM condemned_objects WHERE object = ANY($1)")
            .bind(objects)
            .execute(self.database.writers())
            .await?;
        Ok(())
    }

    async fn not_named(&self, objects: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError> {
        let wanted: Vec<&[u8]> = objects.iter().map(|object| object.0.as_slice()).collect();
        let rows = sqlx::query(
            "SELECT wanted.object FROM unnest($1::bytea[]) WITH ORDINALITY AS wanted (object, place)
             WHERE NOT EXISTS (SELECT 1 FROM blob_segments WHERE blob_segments.object = wanted.object)
                 AND NOT EXISTS (SELECT 1 FROM condemned_objects WHERE condemned_objects.object = wanted.object)
             ORDER BY wanted.place",
        )
        .bind(wanted)
        .fetch_all(self.database.readers())
        .await?;
        read_objects(&rows)
    }

    async fn named(&self, after: ObjectId, limit: u16) -> Result<Vec<ObjectId>, StoreError> {
        let rows = sqlx::query("SELECT object FROM blob_segments WHERE object > $1 ORDER BY object LIMIT $2")
            .bind(after.0.as_slice())
            .bind(i64::from(limit))
            .fetch_all(self.database.readers())
            .await?;
        read_objects(&rows)
    }
}

/// Deletes all blobs of an account that is about to be deleted, and condemns their objects.
pub(super) async fn delete_blobs_of(
    connection: &mut PgConnection,
    account: AccountId,
) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO condemned_objects (object)
         SELECT object FROM blob_segments WHERE blob IN (SELECT blob FROM blobs WHERE account = $1)",
        "DELETE FROM blob_segments WHERE blob IN (SELECT blob FROM blobs WHERE account = $1)",
        "DELETE FROM blobs WHERE account = $1",
    ] {
        sqlx::query(statement)
            .bind(account.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn of_upload(connection: &mut PgConnection, new: &NewBlob) -> Result<Option<Blob>, StoreError> {
    sqlx::query("SELECT * FROM blobs WHERE account = $1 AND upload = $2")
        .bind(new.account.as_bytes().as_slice())
        .bind(new.upload.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| read_blob(&row))
        .transpose()
}

async fn insert(connection: &mut PgConnection, new: &NewBlob) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO blobs (blob, account, upload, size, received, retention_seconds, created_at, ends_at)
         VALUES ($1, $2, $3, $4, 0, $5, $6, $7)",
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
        "INSERT INTO stored_blobs (account, bytes, blobs, uploads) VALUES ($1, $2, 1, 1)
         ON CONFLICT (account) DO UPDATE SET bytes = stored_blobs.bytes + $2, blobs = stored_blobs.blobs + 1,
             uploads = stored_blobs.uploads + 1",
    )
    .bind(new.account.as_bytes().as_slice())
    .bind(integer(new.size))
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes the object the one that holds its segment, and condemns the one that did.
async fn name_object(connection: &mut PgConnection, progress: BlobProgress) -> Result<(), StoreError> {
    let blob = progress.blob.as_bytes().as_slice();
    let segment = integer(progress.segment());
    sqlx::query(
        "INSERT INTO condemned_objects (object) SELECT object FROM blob_segments WHERE blob = $1 AND segment = $2",
    )
    .bind(blob)
    .bind(segment)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO blob_segments (blob, segment, object) VALUES ($1, $2, $3)
         ON CONFLICT (blob, segment) DO UPDATE SET object = $3",
    )
    .bind(blob)
    .bind(segment)
    .bind(progress.object.0.as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

async fn set_progress(connection: &mut PgConnection, blob: &Blob) -> Result<(), StoreError> {
    sqlx::query("UPDATE blobs SET received = $1, ends_at = $2 WHERE blob = $3")
        .bind(integer(blob.received))
        .bind(blob.ends_at.map(|at| integer(at.0)))
        .bind(blob.blob.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    if blob.is_whole() {
        sqlx::query("UPDATE stored_blobs SET uploads = uploads - 1 WHERE account = $1")
            .bind(blob.account.as_bytes().as_slice())
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn delete(connection: &mut PgConnection, blob: &Blob) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO condemned_objects (object) SELECT object FROM blob_segments WHERE blob = $1",
        "DELETE FROM blob_segments WHERE blob = $1",
        "DELETE FROM blobs WHERE blob = $1",
    ] {
        sqlx::query(statement)
            .bind(blob.blob.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "UPDATE stored_blobs SET bytes = bytes - $1, blobs = blobs - 1, uploads = uploads - $2 WHERE account = $3",
    )
    .bind(integer(blob.size))
    .bind(i64::from(!blob.is_whole()))
    .bind(blob.account.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

/// The blob, and its row locked until the transaction ends.
async fn lock_blob(connection: &mut PgConnection, blob: BlobId) -> Result<Option<Blob>, StoreError> {
    sqlx::query("SELECT * FROM blobs WHERE blob = $1 FOR UPDATE")
        .bind(blob.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| read_blob(&row))
        .transpose()
}

async fn read(executor: impl PgExecutor<'_>, blob: BlobId) -> Result<Option<Blob>, StoreError> {
    sqlx::query("SELECT * FROM blobs WHERE blob = $1")
        .bind(blob.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?
        .map(|row| read_blob(&row))
        .transpose()
}

async fn stored(executor: impl PgExecutor<'_>, account: AccountId) -> Result<StoredBlobs, StoreError> {
    let row = sqlx::query("SELECT bytes, blobs, uploads FROM stored_blobs WHERE account = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?;
    row.map_or(Ok(StoredBlobs::default()), |row| {
        Ok(StoredBlobs {
            bytes: number(&row, "bytes")?,
            blobs: number(&row, "blobs")?,
            uploads: number(&row, "uploads")?,
        })
    })
}

fn read_blob(row: &PgRow) -> Result<Blob, StoreError> {
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

fn read_objects(rows: &[PgRow]) -> Result<Vec<ObjectId>, StoreError> {
    rows.iter().map(|row| id(row, "object")).collect()
}
