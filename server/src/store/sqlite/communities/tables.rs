//! [`CommunityTables`] on SQLite, where a transaction that writes is alone.

use super::super::broadcasts;
use super::super::column::{id, integer, location, name, number, optional_id, profile_picture, time};
use super::super::people::{read_entry, words};
use super::{read_role, role_number};
use crate::store::community::{
    CommunityEntry, CommunityRow, CommunityTables, community_grams, joined_topics, split_topics,
};
use crate::store::{CommunityProfile, NewCommunity, NewPicture, NewProfilePicture, StoreError};
use sotto_protocol::rest::admin::NamedAccount;
use sotto_protocol::rest::community::{Community, CommunityRole};
use sotto_protocol::rest::user::ProfilePicture;
use sotto_protocol::{AccountId, ChatId, CoarseLocation, CommunityId, PictureId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl CommunityTables for SqliteConnection {
    async fn holds_account(&mut self, account: AccountId) -> Result<bool, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?)")
                .bind(account.as_bytes().as_slice())
                .fetch_one(self)
                .await?,
        )
    }

    async fn hold(&mut self, community: CommunityId) -> Result<Option<CommunityRow>, StoreError> {
        sqlx::query("SELECT * FROM communities WHERE community = ?")
            .bind(community.as_bytes().as_slice())
            .fetch_optional(self)
            .await?
            .map(|row| {
                Ok(CommunityRow {
                    profile: read_profile(&row)?,
                    picture: profile_picture(&row)?,
                    cover: optional_id(&row, "cover")?,
                })
            })
            .transpose()
    }

    async fn shown(
        &mut self,
        community: CommunityId,
        reader: AccountId,
    ) -> Result<Option<Community>, StoreError> {
        shown(self, community, reader).await
    }

    async fn role(
        &mut self,
        community: CommunityId,
        account: AccountId,
    ) -> Result<Option<CommunityRole>, StoreError> {
        role(self, community, account).await
    }

    async fn is_banned(&mut self, community: CommunityId, account: AccountId) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM community_bans WHERE community = ? AND account = ?)",
        )
        .bind(community.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .fetch_one(self)
        .await?)
    }

    async fn count_of_account(
        &mut self,
        account: AccountId,
        at_least: CommunityRole,
    ) -> Result<u64, StoreError> {
        let row =
            sqlx::query("SELECT count(*) AS count FROM community_members WHERE account = ? AND role >= ?")
                .bind(account.as_bytes().as_slice())
                .bind(role_number(at_least))
                .fetch_one(self)
                .await?;
        number(&row, "count")
    }

    async fn count_moderators(&mut self, community: CommunityId) -> Result<u64, StoreError> {
        let row =
            sqlx::query("SELECT count(*) AS count FROM community_members WHERE community = ? AND role = ?")
                .bind(community.as_bytes().as_slice())
                .bind(role_number(CommunityRole::Moderator))
                .fetch_one(self)
                .await?;
        number(&row, "count")
    }

    async fn count_bans(&mut self, community: CommunityId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) AS count FROM community_bans WHERE community = ?")
            .bind(community.as_bytes().as_slice())
            .fetch_one(self)
            .await?;
        number(&row, "count")
    }

    async fn insert(&mut self, new: &NewCommunity) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO communities (community, title, topics, place, description, created_at)
             SELECT ?1, '', '', '', '', ?2 WHERE NOT EXISTS (SELECT 1 FROM retired_communities WHERE community = ?1)
             ON CONFLICT DO NOTHING",
        )
        .bind(new.community.as_bytes().as_slice())
        .bind(integer(new.at.0))
        .execute(self)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn write_profile(
        &mut self,
        community: CommunityId,
        profile: &CommunityProfile,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE communities SET title = ?, topics = ?, place = ?, cell = ?, description = ? WHERE community = ?",
        )
        .bind(profile.title.as_str())
        .bind(joined_topics(&profile.topics))
        .bind(profile.place.as_str())
        .bind(profile.location.map(CoarseLocation::cell))
        .bind(profile.description.as_str())
        .bind(community.as_bytes().as_slice())
        .execute(&mut *self)
        .await?;
        write_entry(self, community, profile).await
    }

    async fn write_picture(
        &mut self,
        community: CommunityId,
        before: Option<ProfilePicture>,
        picture: Option<&NewProfilePicture>,
    ) -> Result<(), StoreError> {
        if let Some(old) = before {
            delete_picture(self, old.large).await?;
            delete_picture(self, old.small).await?;
        }
        if let Some(new) = picture {
            insert_picture(self, community, &new.large).await?;
            insert_picture(self, community, &new.small).await?;
        }
        sqlx::query("UPDATE communities SET picture = ?, small_picture = ? WHERE community = ?")
            .bind(picture.map(|new| new.large.id.as_bytes().as_slice()))
            .bind(picture.map(|new| new.small.id.as_bytes().as_slice()))
            .bind(community.as_bytes().as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn write_cover(
        &mut self,
        community: CommunityId,
        before: Option<PictureId>,
        cover: Option<&NewPicture>,
    ) -> Result<(), StoreError> {
        if let Some(old) = before {
            delete_picture(self, old).await?;
        }
        if let Some(new) = cover {
            insert_picture(self, community, new).await?;
        }
        sqlx::query("UPDATE communities SET cover = ? WHERE community = ?")
            .bind(cover.map(|new| new.id.as_bytes().as_slice()))
            .bind(community.as_bytes().as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn delete(&mut self, community: CommunityId) -> Result<(), StoreError> {
        remove_entry(self, community).await?;
        sqlx::query("INSERT INTO retired_communities (community) VALUES (?)")
            .bind(community.as_bytes().as_slice())
            .execute(&mut *self)
            .await?;
        sqlx::query("DELETE FROM communities WHERE community = ?")
            .bind(community.as_bytes().as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn add_member(
        &mut self,
        community: CommunityId,
        account: AccountId,
        role: CommunityRole,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO community_members (community, account, role, joined_at) VALUES (?, ?, ?, ?)",
        )
        .bind(community.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .bind(role_number(role))
        .bind(integer(at.0))
        .execute(&mut *self)
        .await?;
        count(self, community, 1).await
    }

    async fn write_role(
        &mut self,
        community: CommunityId,
        account: AccountId,
        role: CommunityRole,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE community_members SET role = ? WHERE community = ? AND account = ?")
            .bind(role_number(role))
            .bind(community.as_bytes().as_slice())
            .bind(account.as_bytes().as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn remove_member(&mut self, community: CommunityId, account: AccountId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM community_members WHERE community = ? AND account = ?")
            .bind(community.as_bytes().as_slice())
            .bind(account.as_bytes().as_slice())
            .execute(&mut *self)
            .await?;
        count(self, community, -1).await
    }

    async fn write_ban(
        &mut self,
        community: CommunityId,
        account: AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO community_bans (community, account, banned_at) VALUES (?, ?, ?)")
            .bind(community.as_bytes().as_slice())
            .bind(account.as_bytes().as_slice())
            .bind(integer(at.0))
            .execute(self)
            .await?;
        Ok(())
    }

    async fn write_broadcast(
        &mut self,
        community: CommunityId,
        group: Option<ChatId>,
    ) -> Result<bool, StoreError> {
        broadcasts::write(self, Some(community), group).await
    }

    async fn delete_ban(&mut self, community: CommunityId, account: AccountId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM community_bans WHERE community = ? AND account = ?")
            .bind(community.as_bytes().as_slice())
            .bind(account.as_bytes().as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn memberships(&mut self, account: AccountId) -> Result<Vec<CommunityId>, StoreError> {
        sqlx::query("SELECT community FROM community_members WHERE account = ? ORDER BY community")
            .bind(account.as_bytes().as_slice())
            .fetch_all(self)
            .await?
            .iter()
            .map(|row| id(row, "community"))
            .collect()
    }

    async fn next_founder(
        &mut self,
        community: CommunityId,
        than: AccountId,
    ) -> Result<Option<AccountId>, StoreError> {
        sqlx::query(
            "SELECT account FROM community_members WHERE community = ? AND account <> ?
             ORDER BY role DESC, joined_at, account LIMIT 1",
        )
        .bind(community.as_bytes().as_slice())
        .bind(than.as_bytes().as_slice())
        .fetch_optional(self)
        .await?
        .map(|row| id(&row, "account"))
        .transpose()
    }
}

pub(super) async fn shown(
    connection: &mut SqliteConnection,
    community: CommunityId,
    reader: AccountId,
) -> Result<Option<Community>, StoreError> {
    let row = sqlx::query(
        "SELECT communities.*, accounts.account AS founder, accounts.name AS founder_name FROM communities
         JOIN community_members ON community_members.community = communities.community AND role = 2
         JOIN accounts ON accounts.account = community_members.account
         WHERE communities.community = ?",
    )
    .bind(community.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let CommunityProfile {
        title,
        topics,
        place,
        location,
        description,
    } = read_profile(&row)?;
    Ok(Some(Community {
        community,
        title,
        topics,
        place,
        location,
        description,
        picture: profile_picture(&row)?,
        cover: optional_id(&row, "cover")?,
        founder: NamedAccount {
            account: id(&row, "founder")?,
            name: name(&row, "founder_name")?,
        },
        created_at: time(&row, "created_at")?,
        members: number(&row, "members")?,
        own_role: role(connection, community, reader).await?,
    }))
}

pub(super) async fn role(
    connection: &mut SqliteConnection,
    community: CommunityId,
    account: AccountId,
) -> Result<Option<CommunityRole>, StoreError> {
    sqlx::query("SELECT role FROM community_members WHERE community = ? AND account = ?")
        .bind(community.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| read_role(&row))
        .transpose()
}

fn read_profile(row: &SqliteRow) -> Result<CommunityProfile, StoreError> {
    Ok(CommunityProfile {
        title: row.try_get("title")?,
        topics: split_topics(row.try_get("topics")?),
        place: row.try_get("place")?,
        location: location(row, "cell")?,
        description: row.try_get("description")?,
    })
}

/// Makes searches find the community by what it says now.
async fn write_entry(
    connection: &mut SqliteConnection,
    community: CommunityId,
    profile: &CommunityProfile,
) -> Result<(), StoreError> {
    let number: i64 = match remove_entry(connection, community).await? {
        Some(number) => number,
        None => {
            sqlx::query_scalar("SELECT coalesce(max(number), 0) + 1 FROM community_entries")
                .fetch_one(&mut *connection)
                .await?
        }
    };
    let CommunityEntry { entry, topics } = CommunityEntry::of(community, profile);
    sqlx::query(
        "INSERT INTO community_entries (name, number, community, display_name, words, topics, cell)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.name.as_str())
    .bind(number)
    .bind(community.as_bytes().as_slice())
    .bind(entry.display_name.as_str())
    .bind(entry.words.as_str())
    .bind(topics)
    .bind(entry.cell)
    .execute(&mut *connection)
    .await?;
    for topic in &profile.topics {
        sqlx::query("INSERT INTO community_topics (topic, name) VALUES (?, ?)")
            .bind(topic.as_str())
            .bind(entry.name.as_str())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("INSERT INTO community_grams (rowid, grams) VALUES (?, ?)")
        .bind(number)
        .bind(words(&community_grams(&entry)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes searches find the community no more, and returns which number it had.
async fn remove_entry(
    connection: &mut SqliteConnection,
    community: CommunityId,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(
        "DELETE FROM community_entries WHERE community = ? RETURNING name, number, display_name, words, cell",
    )
    .bind(community.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let number: i64 = row.try_get("number")?;
    // The index does not keep what it was given: it has to be told again.
    sqlx::query("INSERT INTO community_grams (community_grams, rowid, grams) VALUES ('delete', ?, ?)")
        .bind(number)
        .bind(words(&community_grams(&read_entry(&row)?)))
        .execute(connection)
        .await?;
    Ok(Some(number))
}

async fn count(
    connection: &mut SqliteConnection,
    community: CommunityId,
    more: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE communities SET members = members + ? WHERE community = ?")
        .bind(more)
        .bind(community.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert_picture(
    connection: &mut SqliteConnection,
    community: CommunityId,
    picture: &NewPicture,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO community_pictures (picture, community, jpeg) VALUES (?, ?, ?)")
        .bind(picture.id.as_bytes().as_slice())
        .bind(community.as_bytes().as_slice())
        .bind(&*picture.jpeg)
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete_picture(connection: &mut SqliteConnection, picture: PictureId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM community_pictures WHERE picture = ?")
        .bind(picture.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}
