//! [`GroupStore`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer, time};
use crate::store::group::folded;
use crate::store::{
    Asked, FoundProfile, FoundProfiles, GroupSearchPosition, GroupStore, NewJoinRequest,
    REQUESTS_PER_ACCOUNT, SearchGroups, StoreError,
};
use sotto_protocol::rest::group::JoinRequest;
use sotto_protocol::{AccountId, ChatId, GroupProfile, SignedGroupProfile, Timestamp, limits};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl GroupStore for SqliteAccounts {
    async fn group_profile(&self, group: ChatId) -> Result<Option<SignedGroupProfile>, StoreError> {
        sqlx::query("SELECT profile, signature FROM group_profiles WHERE chat = ?")
            .bind(group.as_bytes().as_slice())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| signed(&row))
            .transpose()
    }

    async fn put_group_profile(
        &self,
        profile: GroupProfile,
        signed: SignedGroupProfile,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let standing: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT revision, profile FROM group_profiles WHERE chat = ?")
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
        let written = sqlx::query(
            "INSERT INTO group_profiles (chat, revision, profile, signature, title_folded, description_folded)
             SELECT chat, ?, ?, ?, ?, ? FROM groups WHERE chat = ? AND state < 2
             ON CONFLICT (chat) DO UPDATE SET revision = excluded.revision, profile = excluded.profile,
                 signature = excluded.signature, title_folded = excluded.title_folded,
                 description_folded = excluded.description_folded",
        )
        .bind(integer(profile.revision))
        .bind(signed.profile.as_slice())
        .bind(signed.signature.as_bytes().as_slice())
        .bind(folded(&profile.title))
        .bind(folded(&profile.description))
        .bind(profile.group.as_bytes().as_slice())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(written.rows_affected() > 0)
    }

    async fn delete_group_profile(&self, group: ChatId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM group_profiles WHERE chat = ?")
            .bind(group.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(())
    }

    async fn search_groups(&self, search: SearchGroups) -> Result<FoundProfiles, StoreError> {
        let limit = usize::from(search.limit);
        let (title, after) = match &search.after {
            Some(position) => (position.title.as_str(), position.group.as_bytes().as_slice()),
            None => ("", [].as_slice()),
        };
        let mut rows = sqlx::query(
            "WITH found AS MATERIALIZED (
                 SELECT title_folded, chat FROM group_profiles
                 WHERE (title_folded, chat) > (?1, ?2)
                     AND (instr(title_folded, ?3) > 0 OR instr(description_folded, ?3) > 0)
                 ORDER BY title_folded, chat LIMIT ?4 + 0)
             SELECT found.title_folded, found.chat, group_profiles.profile, group_profiles.signature
             FROM found CROSS JOIN group_profiles ON group_profiles.chat = found.chat
             ORDER BY found.title_folded, found.chat",
        )
        .bind(title)
        .bind(after)
        .bind(folded(&search.text))
        .bind(i64::from(search.limit) + 1)
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last().filter(|_| more) {
            Some(last) => Some(GroupSearchPosition {
                title: last.try_get("title_folded")?,
                group: id(last, "chat")?,
            }),
            None => None,
        };
        let found = |row: &SqliteRow| {
            Ok(FoundProfile {
                group: id(row, "chat")?,
                profile: signed(row)?,
            })
        };
        Ok(FoundProfiles {
            profiles: rows.iter().map(found).collect::<Result<_, StoreError>>()?,
            next,
        })
    }

    async fn ask_to_join(&self, request: NewJoinRequest) -> Result<Asked, StoreError> {
        let mut transaction = self.database.begin().await?;
        let (exist, of_group, of_account): (bool, i64, i64) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM groups WHERE chat = ?1 AND state < 2)
                     AND EXISTS (SELECT 1 FROM accounts WHERE account = ?2),
                 (SELECT count(*) FROM join_requests WHERE chat = ?1 AND account <> ?2),
                 (SELECT count(*) FROM join_requests WHERE account = ?2 AND chat <> ?1)",
        )
        .bind(request.group.as_bytes().as_slice())
        .bind(request.account.as_bytes().as_slice())
        .fetch_one(&mut *transaction)
        .await?;
        if !exist {
            return Ok(Asked::NotFound);
        }
        let is_full =
            |waiting: i64, most: usize| usize::try_from(waiting).is_ok_and(|waiting| waiting >= most);
        if is_full(of_group, limits::JOIN_REQUESTS) || is_full(of_account, REQUESTS_PER_ACCOUNT) {
            return Ok(Asked::TooMany);
        }
        sqlx::query(
            "INSERT INTO join_requests (chat, account, key_package, requested_at) VALUES (?, ?, ?, ?)
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

    async fn join_requests(&self, group: ChatId) -> Result<Vec<JoinRequest>, StoreError> {
        sqlx::query(
            "SELECT account, key_package, requested_at FROM join_requests WHERE chat = ?
             ORDER BY requested_at, account",
        )
        .bind(group.as_bytes().as_slice())
        .fetch_all(&mut *self.database.reader().await?)
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
        let mut transaction = self.database.begin().await?;
        let mut forgotten = false;
        for &account in accounts {
            forgotten |= forget(&mut transaction, group, account).await?;
        }
        transaction.commit().await?;
        Ok(forgotten)
    }

    async fn purge_join_requests(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM join_requests WHERE requested_at < ?")
            .bind(integer(before.0))
            .execute(self.database.writer())
            .await?;
        Ok(())
    }
}

async fn forget(
    connection: &mut SqliteConnection,
    group: ChatId,
    account: AccountId,
) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("DELETE FROM join_requests WHERE chat = ? AND account = ?")
        .bind(group.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(forgotten.rows_affected() > 0)
}

fn signed(row: &SqliteRow) -> Result<SignedGroupProfile, StoreError> {
    Ok(SignedGroupProfile {
        profile: row.try_get::<Vec<u8>, _>("profile")?.into(),
        signature: id(row, "signature")?,
    })
}
