//! [`CommunityStore`] and [`CommunityMembershipStore`] on SQLite.

mod groups;
mod search;
mod tables;

use super::SqliteAccounts;
use super::column::{id, integer, name, number, optional_id, time};
use crate::store::community::{Doing, depart_all, found, perform, split_topics};
use crate::store::people::shown_about;
use crate::store::{
    CommunityChange, CommunityError, CommunityMembershipStore, CommunityStore, FindNewCommunities,
    FoundCommunities, FoundMembers, MemberPosition, NewCommunity, ReadMembers, SearchCommunities, StoreError,
};
use sotto_protocol::rest::community::{
    Community, CommunityBan, CommunityMember, CommunityRole, JoinedCommunity, ListedCommunity,
};
use sotto_protocol::{AccountId, CommunityId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl SqliteAccounts {
    /// Does something in a community, and returns it as it is then, if it is still there.
    async fn do_in_community(
        &self,
        community: CommunityId,
        by: AccountId,
        doing: Doing,
    ) -> Result<Option<Community>, CommunityError> {
        // It has the one connection that writes.
        let mut transaction = self.database.begin().await?;
        perform(&mut *transaction, community, by, doing).await?;
        let shown = tables::shown(&mut transaction, community, by).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(shown)
    }
}

/// The community, as somebody sees it who is not in it.
pub(super) async fn seen_by_nobody(
    connection: &mut SqliteConnection,
    community: CommunityId,
) -> Result<Option<Community>, StoreError> {
    tables::shown(connection, community, NOBODY).await
}

/// Takes an account that is about to be deleted out of all communities.
pub(super) async fn depart(connection: &mut SqliteConnection, account: AccountId) -> Result<(), StoreError> {
    depart_all(connection, account).await
}

impl CommunityStore for SqliteAccounts {
    async fn found_community(&self, community: NewCommunity) -> Result<Community, CommunityError> {
        let mut transaction = self.database.begin().await?;
        let founded = found(&mut *transaction, community).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(founded)
    }

    async fn community(
        &self,
        community: CommunityId,
        reader: AccountId,
    ) -> Result<Option<Community>, StoreError> {
        tables::shown(&mut *self.database.reader().await?, community, reader).await
    }

    async fn change_community(
        &self,
        community: CommunityId,
        by: AccountId,
        change: CommunityChange,
    ) -> Result<Community, CommunityError> {
        let changed = self.do_in_community(community, by, Doing::Change(change)).await?;
        changed.ok_or(CommunityError::NotFound)
    }

    async fn delete_community(&self, community: CommunityId, by: AccountId) -> Result<(), CommunityError> {
        self.do_in_community(community, by, Doing::Delete).await?;
        Ok(())
    }

    async fn search_communities(&self, search: SearchCommunities) -> Result<FoundCommunities, StoreError> {
        search::search(self.database.reader().await?, search).await
    }

    async fn new_communities(&self, find: FindNewCommunities) -> Result<Vec<ListedCommunity>, StoreError> {
        search::latest(&mut *self.database.reader().await?, find).await
    }
}

impl CommunityMembershipStore for SqliteAccounts {
    async fn join_community(
        &self,
        community: CommunityId,
        account: AccountId,
        at: Timestamp,
    ) -> Result<Community, CommunityError> {
        let joined = self
            .do_in_community(community, account, Doing::Join { at })
            .await?;
        joined.ok_or(CommunityError::NotFound)
    }

    async fn leave_community(
        &self,
        community: CommunityId,
        account: AccountId,
    ) -> Result<(), CommunityError> {
        self.do_in_community(community, account, Doing::Leave).await?;
        Ok(())
    }

    async fn communities_of(&self, account: AccountId) -> Result<Vec<JoinedCommunity>, StoreError> {
        sqlx::query(
            "SELECT communities.*, community_members.role, community_members.joined_at FROM community_members
             JOIN communities USING (community) JOIN community_entries USING (community)
             WHERE community_members.account = ? ORDER BY community_entries.name",
        )
        .bind(account.as_bytes().as_slice())
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(|row| {
            Ok(JoinedCommunity {
                community: read_listed(row)?,
                role: read_role(row)?,
                joined_at: time(row, "joined_at")?,
            })
        })
        .collect()
    }

    async fn community_role(
        &self,
        community: CommunityId,
        account: AccountId,
    ) -> Result<Option<CommunityRole>, StoreError> {
        tables::role(&mut *self.database.reader().await?, community, account).await
    }

    async fn community_members(
        &self,
        community: CommunityId,
        page: ReadMembers,
    ) -> Result<FoundMembers, StoreError> {
        let limit = usize::from(page.limit);
        let after = page.after.unwrap_or(FIRST);
        let mut rows = sqlx::query(
            "SELECT community_members.account, accounts.name, accounts.display_name, accounts.small_picture,
                 community_members.role, community_members.joined_at
             FROM community_members JOIN accounts USING (account)
             WHERE community = ?1 AND (role < ?2 OR role = ?2 AND (joined_at, account) > (?3, ?4))
             ORDER BY role DESC, joined_at, account LIMIT ?5 + 0",
        )
        .bind(community.as_bytes().as_slice())
        .bind(role_number(after.role))
        .bind(integer(after.joined_at.0))
        .bind(
            page.after
                .as_ref()
                .map_or([].as_slice(), |after| after.account.as_bytes()),
        )
        .bind(i64::from(page.limit) + 1)
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let members = rows.iter().map(read_member).collect::<Result<Vec<_>, _>>()?;
        let next = members.last().filter(|_| more).map(|last| MemberPosition {
            role: last.role,
            joined_at: last.joined_at,
            account: last.account,
        });
        Ok(FoundMembers { members, next })
    }

    async fn set_community_role(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
        role: CommunityRole,
    ) -> Result<(), CommunityError> {
        self.do_in_community(community, by, Doing::SetRole { account, role })
            .await?;
        Ok(())
    }

    async fn remove_community_member(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
    ) -> Result<(), CommunityError> {
        self.do_in_community(community, by, Doing::Remove { account })
            .await?;
        Ok(())
    }

    async fn ban_from_community(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
        at: Timestamp,
    ) -> Result<(), CommunityError> {
        self.do_in_community(community, by, Doing::Ban { account, at })
            .await?;
        Ok(())
    }

    async fn unban_from_community(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
    ) -> Result<(), CommunityError> {
        self.do_in_community(community, by, Doing::Unban { account })
            .await?;
        Ok(())
    }

    async fn community_bans(&self, community: CommunityId) -> Result<Vec<CommunityBan>, StoreError> {
        sqlx::query(
            "SELECT account, accounts.name, banned_at FROM community_bans JOIN accounts USING (account)
             WHERE community = ? ORDER BY banned_at DESC, account",
        )
        .bind(community.as_bytes().as_slice())
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(|row| {
            Ok(CommunityBan {
                account: id(row, "account")?,
                name: name(row, "name")?,
                banned_at: time(row, "banned_at")?,
            })
        })
        .collect()
    }
}

/// An account that nobody has: ids are random.
const NOBODY: AccountId = AccountId::from_bytes([0; 16]);

/// Before all members.
const FIRST: MemberPosition = MemberPosition {
    role: CommunityRole::Founder,
    joined_at: Timestamp(0),
    account: NOBODY,
};

pub(super) const fn role_number(role: CommunityRole) -> i64 {
    match role {
        CommunityRole::Member => 0,
        CommunityRole::Moderator => 1,
        CommunityRole::Founder => 2,
    }
}

fn read_role(row: &SqliteRow) -> Result<CommunityRole, StoreError> {
    match row.try_get("role")? {
        0_i64 => Ok(CommunityRole::Member),
        1 => Ok(CommunityRole::Moderator),
        2 => Ok(CommunityRole::Founder),
        _ => Err(StoreError::Unreadable { what: "role" }),
    }
}

/// What somebody is in a community who may be nothing in it: the column `role`.
pub(super) fn optional_role(row: &SqliteRow) -> Result<Option<CommunityRole>, StoreError> {
    match row.try_get::<Option<i64>, _>("role")? {
        Some(_) => read_role(row).map(Some),
        None => Ok(None),
    }
}

fn read_member(row: &SqliteRow) -> Result<CommunityMember, StoreError> {
    Ok(CommunityMember {
        account: id(row, "account")?,
        name: name(row, "name")?,
        display_name: row.try_get("display_name")?,
        picture: optional_id(row, "small_picture")?,
        role: read_role(row)?,
        joined_at: time(row, "joined_at")?,
    })
}

/// A row of `communities`, where many are shown.
fn read_listed(row: &SqliteRow) -> Result<ListedCommunity, StoreError> {
    Ok(ListedCommunity {
        community: id(row, "community")?,
        title: row.try_get("title")?,
        topics: split_topics(row.try_get("topics")?),
        place: row.try_get("place")?,
        description: shown_about(row.try_get("description")?),
        picture: optional_id(row, "small_picture")?,
        created_at: time(row, "created_at")?,
        members: number(row, "members")?,
        distance_km: None,
    })
}
