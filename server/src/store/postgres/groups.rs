//! [`GroupStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer, time};
use crate::store::group::folded;
use crate::store::{
    Asked, FoundProfile, FoundProfiles, GroupSearchPosition, GroupStore, NewJoinRequest,
    REQUESTS_PER_ACCOUNT, SearchGroups, StoreError,
};
use sotto_protocol::rest::group::JoinRequest;
use sotto_protocol::{AccountId, ChatId, GroupProfile, SignedGroupProfile, Timestamp, limits};
use sqlx::Row;
use sqlx::postgres::PgRow;

impl GroupStore for PostgresAccounts {
    async fn group_profile(&self, group: ChatId) -> Result<Option<SignedGroupProfile>, StoreError> {
        let read = sqlx::query("SELECT profile, signature FROM group_profiles WHERE chat = $1")
            .bind(group.as_bytes().as_slice())
            .fetch_optional(self.database.readers());
        let row = self
            .database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?;
        row.map(|row| signed(&row)).transpose()
    }

    async fn put_group_profile(
        &self,
        profile: GroupProfile,
        signed: SignedGroupProfile,
    ) -> Result<bool, StoreError> {
        self.database.patiently(self.put_profile(profile, signed)).await
    }

    async fn delete_group_profile(&self, group: ChatId) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM group_profiles WHERE chat = $1")
            .bind(group.as_bytes().as_slice())
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(delete.await?) })
            .await?;
        Ok(())
    }

    async fn search_groups(&self, search: SearchGroups) -> Result<FoundProfiles, StoreError> {
        self.database.patiently(self.find_groups(search)).await
    }

    async fn ask_to_join(&self, request: NewJoinRequest) -> Result<Asked, StoreError> {
        self.database.patiently(self.ask(request)).await
    }

    async fn join_requests(&self, group: ChatId) -> Result<Vec<JoinRequest>, StoreError> {
        let read = sqlx::query(
            "SELECT account, key_package, requested_at FROM join_requests WHERE chat = $1
             ORDER BY requested_at, account",
        )
        .bind(group.as_bytes().as_slice())
        .fetch_all(self.database.readers());
        self.database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?
            .iter()
            .map(|row| {
                Ok(JoinRequest {
                    account: id(row, "account")?,
                    key_package: row.try_get::<Vec<u8>, _>("key_package")?.into(),
                    at: time(row, "requested_at")?,
                })
            })
            .collect()
    }

    async fn forget_join_requests(&self, group: ChatId, accounts: &[AccountId]) -> Result<bool, StoreError> {
        let accounts: Vec<&[u8]> = accounts
            .iter()
            .map(|account| account.as_bytes().as_slice())
            .collect();
        let forget = sqlx::query("DELETE FROM join_requests WHERE chat = $1 AND account = ANY($2)")
            .bind(group.as_bytes().as_slice())
            .bind(accounts)
            .execute(self.database.writers());
        let forgotten = self
            .database
            .patiently(async { Ok::<_, StoreError>(forget.await?) })
            .await?;
        Ok(forgotten.rows_affected() > 0)
    }

    async fn purge_join_requests(&self, before: Timestamp) -> Result<(), StoreError> {
        let purge = sqlx::query("DELETE FROM join_requests WHERE requested_at < $1")
            .bind(integer(before.0))
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(purge.await?) })
            .await?;
        Ok(())
    }
}

impl PostgresAccounts {
    async fn put_profile(
        &self,
        profile: GroupProfile,
        signed: SignedGroupProfile,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        // Whoever changes a group's profile holds the group.
        let group = sqlx::query("SELECT FROM groups WHERE chat = $1 AND state < 2 FOR NO KEY UPDATE")
            .bind(profile.group.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        if group.is_none() {
            return Ok(false);
        }
        let standing: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT revision, profile FROM group_profiles WHERE chat = $1")
                .bind(profile.group.as_bytes().as_slice())
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some((revision, bytes)) = standing {
            if bytes == signed.profile.as_slice() {
                return Ok(true);
            }
            if !profile.follows(revision.unsigned_abs()) {
                return Ok(false);
            }
        }
        let title = folded(&profile.title);
        let description = folded(&profile.description);
        sqlx::query(
            "INSERT INTO group_profiles (chat, revision, profile, signature, title_folded, description_folded)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (chat) DO UPDATE SET revision = excluded.revision, profile = excluded.profile,
                 signature = excluded.signature, title_folded = excluded.title_folded,
                 description_folded = excluded.description_folded",
        )
        .bind(profile.group.as_bytes().as_slice())
        .bind(integer(profile.revision))
        .bind(signed.profile.as_slice())
        .bind(signed.signature.as_bytes().as_slice())
        .bind(without_nul(&title))
        .bind(without_nul(&description))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn find_groups(&self, search: SearchGroups) -> Result<FoundProfiles, StoreError> {
        let text = folded(&search.text);
        let mut found = FoundProfiles {
            profiles: Vec::new(),
            next: None,
        };
        if text.contains('\0') {
            return Ok(found);
        }
        let limit = usize::from(search.limit);
        let (title, after) = match &search.after {
            Some(position) => (position.title.as_str(), position.group.as_bytes().as_slice()),
            None => ("", [].as_slice()),
        };
        let mut rows = sqlx::query(
            "SELECT title_folded, chat, profile, signature FROM group_profiles
             WHERE (title_folded, chat) > ($1, $2) AND (strpos(title_folded, $3) > 0 OR strpos(description_folded, $3) > 0)
             ORDER BY title_folded, chat LIMIT $4",
        )
        .bind(title)
        .bind(after)
        .bind(text)
        .bind(i64::from(search.limit) + 1)
        .fetch_all(self.database.readers())
        .await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        if let Some(last) = rows.last().filter(|_| more) {
            found.next = Some(GroupSearchPosition {
                title: last.try_get("title_folded")?,
                group: id(last, "chat")?,
            });
        }
        for row in &rows {
            found.profiles.push(FoundProfile {
                group: id(row, "chat")?,
                profile: signed(row)?,
            });
        }
        Ok(found)
    }

    async fn ask(&self, request: NewJoinRequest) -> Result<Asked, StoreError> {
        let mut transaction = self.database.begin().await?;
        // Requests of one account, and then those to one group, go one after the other: they are counted.
        let account = sqlx::query("SELECT FROM accounts WHERE account = $1 FOR NO KEY UPDATE")
            .bind(request.account.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        let group = sqlx::query("SELECT FROM groups WHERE chat = $1 AND state < 2 FOR NO KEY UPDATE")
            .bind(request.group.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        if account.is_none() || group.is_none() {
            return Ok(Asked::NotFound);
        }
        let (of_group, of_account): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM join_requests WHERE chat = $1 AND account <> $2),
                 (SELECT count(*) FROM join_requests WHERE account = $2 AND chat <> $1)",
        )
        .bind(request.group.as_bytes().as_slice())
        .bind(request.account.as_bytes().as_slice())
        .fetch_one(&mut *transaction)
        .await?;
        let is_full =
            |waiting: i64, most: usize| usize::try_from(waiting).is_ok_and(|waiting| waiting >= most);
        if is_full(of_group, limits::JOIN_REQUESTS) || is_full(of_account, REQUESTS_PER_ACCOUNT) {
            return Ok(Asked::TooMany);
        }
        sqlx::query(
            "INSERT INTO join_requests (chat, account, key_package, requested_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (chat, account) DO UPDATE SET
                 key_package = excluded.key_package, requested_at = excluded.requested_at",
        )
        .bind(request.group.as_bytes().as_slice())
        .bind(request.account.as_bytes().as_slice())
        .bind(&*request.key_package)
        .bind(integer(request.at.0))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Asked::Waiting)
    }
}

/// PostgreSQL has no text with this character, which no one searches for.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

fn signed(row: &PgRow) -> Result<SignedGroupProfile, StoreError> {
    Ok(SignedGroupProfile {
        profile: row.try_get::<Vec<u8>, _>("profile")?.into(),
        signature: id(row, "signature")?,
    })
}
