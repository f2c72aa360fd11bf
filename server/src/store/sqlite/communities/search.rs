//! Which communities searches find, on SQLite: as people are found, with a table of topics beside it.

use super::super::json::JsonRows;
use super::super::people::{any_of, has_rank, has_text, limited, read_found_all, read_inhabitants, words};
use super::super::readers::Reader;
use super::read_listed;
use crate::store::community::{LATEST_READ, found_page, topic_pattern};
use crate::store::people::near::{Area, Inhabitants};
use crate::store::people::search::{self, SearchIndex, Wanted, end_of_prefix};
use crate::store::{FindNewCommunities, FoundCommunities, Rank, SearchCommunities, StoreError};
use sotto_protocol::rest::community::ListedCommunity;
use sotto_protocol::{CoarseLocation, CommunityId};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeSet, HashMap};

pub(super) async fn search(
    reader: Reader<'_>,
    wanted: SearchCommunities,
) -> Result<FoundCommunities, StoreError> {
    let mut index = Index {
        reader,
        topic: wanted.topic,
    };
    let page = match (wanted.text, wanted.near) {
        (None, None) => {
            let after = wanted.after.map(|position| position.0);
            search::all(&mut index, after.as_ref(), usize::from(wanted.limit)).await?
        }
        (text, near) => {
            let wanted = Wanted {
                text,
                near,
                limit: wanted.limit,
                after: wanted.after.map(|position| position.0),
            };
            search::search(&mut index, wanted).await?
        }
    };
    Ok(found_page(page))
}

pub(super) async fn latest(
    connection: &mut SqliteConnection,
    find: FindNewCommunities,
) -> Result<Vec<ListedCommunity>, StoreError> {
    let rows: Vec<(Vec<u8>, i32)> = sqlx::query_as(
        "SELECT community, cell FROM communities WHERE created_at > ? AND cell IS NOT NULL
         ORDER BY created_at DESC, community DESC LIMIT ? + 0",
    )
    .bind(super::integer(find.since.0))
    .bind(LATEST_READ)
    .fetch_all(&mut *connection)
    .await?;
    let near: Vec<(Vec<u8>, u16)> = rows
        .into_iter()
        .filter_map(|(community, cell)| {
            let km = CoarseLocation::from_cell(cell)?.distance_km(find.near.location);
            (km <= find.near.within_km).then_some((community, km))
        })
        .take(usize::from(find.limit))
        .collect();
    let rows = sqlx::query(
        "SELECT * FROM communities WHERE hex(community) IN (SELECT upper(value) FROM json_each(?))",
    )
    .bind(JsonRows::of_bytes(
        near.iter().map(|(community, _)| community.as_slice()),
    ))
    .fetch_all(connection)
    .await?;
    let listed = rows.iter().map(read_listed).collect::<Result<Vec<_>, _>>()?;
    let mut by_id: HashMap<CommunityId, ListedCommunity> = listed
        .into_iter()
        .map(|community| (community.community, community))
        .collect();
    let found = near.iter().filter_map(|(community, km)| {
        let id = CommunityId::try_from(community.as_slice()).ok()?;
        Some(ListedCommunity {
            distance_km: Some(*km),
            ..by_id.remove(&id)?
        })
    });
    Ok(found.collect())
}

/// The communities about a topic, or all.
struct Index<'a> {
    reader: Reader<'a>,
    topic: Option<String>,
}

impl Index<'_> {
    /// Where to read communities in the order of their titles. The topic, if there is one, is the argument of this number.
    fn in_order(&self, argument: u8) -> String {
        match self.topic {
            None => format!("community_entries WHERE ?{argument} IS NULL"),
            Some(_) => format!(
                "community_topics CROSS JOIN community_entries USING (name) WHERE topic = ?{argument}"
            ),
        }
    }

    /// What a text of topics has. None if all will do.
    fn pattern(&self) -> Option<String> {
        self.topic.as_deref().map(topic_pattern)
    }
}

impl SearchIndex for Index<'_> {
    type Found = ListedCommunity;

    async fn names_beginning_with(
        &mut self,
        text: &str,
        above: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let statement = format!(
            "SELECT name FROM {} AND name >= ?1 AND name < ?2 AND name > ?3 ORDER BY name LIMIT ?4 + 0",
            self.in_order(5)
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(end_of_prefix(text))
            .bind(above)
            .bind(limited(limit))
            .bind(self.topic.clone())
            .fetch_all(&mut *self.reader)
            .await?)
    }

    async fn read_in_order(
        &mut self,
        rank: Rank,
        text: &str,
        above: &str,
        read: u32,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        // A community's name is its title.
        if rank == Rank::Name {
            return Ok(Vec::new());
        }
        let statement = format!(
            "SELECT name FROM (
                 SELECT name, display_name, words FROM {} AND name > ?2 ORDER BY name LIMIT ?3 + 0
             ) WHERE {} ORDER BY name LIMIT ?4 + 0",
            self.in_order(5),
            has_rank(rank)
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(above)
            .bind(read)
            .bind(limited(limit))
            .bind(self.topic.clone())
            .fetch_all(&mut *self.reader)
            .await?)
    }

    async fn with_grams(
        &mut self,
        rank: Rank,
        text: &str,
        grams: &BTreeSet<i32>,
        above: &str,
        limit: usize,
        at_most: usize,
    ) -> Result<Option<Vec<String>>, StoreError> {
        if rank == Rank::Name {
            return Ok(Some(Vec::new()));
        }
        let statement = format!(
            "WITH found AS MATERIALIZED (SELECT rowid AS number FROM community_grams WHERE community_grams MATCH ?2 LIMIT ?5 + 0)
             SELECT (SELECT count(*) FROM found) < ?5 AS all_found, (
                 SELECT json_group_array(name) FROM (
                     SELECT name FROM found CROSS JOIN community_entries USING (number)
                     WHERE (SELECT count(*) FROM found) < ?5 AND name > ?3 AND (?6 IS NULL OR instr(topics, ?6) > 0) AND {} ORDER BY name LIMIT ?4 + 0
                 )
             ) AS people",
            has_rank(rank)
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(words(grams))
            .bind(above)
            .bind(limited(limit))
            .bind(limited(at_most.saturating_add(1)))
            .bind(self.pattern())
            .fetch_one(&mut *self.reader)
            .await?;
        read_found_all(&row)
    }

    async fn inhabited(&mut self, cells: &[i32]) -> Result<Vec<i32>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT value FROM json_each(?1) WHERE EXISTS (
                 SELECT 1 FROM community_entries WHERE cell = value AND (?2 IS NULL OR instr(topics, ?2) > 0))",
        )
        .bind(JsonRows::of_numbers(cells.iter().copied().map(i64::from)))
        .bind(self.pattern())
        .fetch_all(&mut *self.reader)
        .await?)
    }

    async fn inhabitants(
        &mut self,
        cells: &[i32],
        text: Option<&str>,
        above: &str,
        read: usize,
    ) -> Result<Vec<Inhabitants>, StoreError> {
        // One row for each point, and not one for each person: a row costs more than to look at it.
        let statement = format!(
            "SELECT cells.value AS cell, (
                 SELECT json_array(count(*), max(name), json_group_array(name) FILTER (WHERE ?2 IS NULL OR {has}))
                 FROM community_entries WHERE name IN (
                     SELECT name FROM community_entries AS there
                     WHERE there.cell = cells.value AND name > ?3 AND (?5 IS NULL OR instr(there.topics, ?5) > 0) ORDER BY name LIMIT ?4 + 0
                 )
             ) AS people
             FROM json_each(?1) AS cells",
            has = has_text("?2")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(JsonRows::of_numbers(cells.iter().copied().map(i64::from)))
            .bind(text)
            .bind(above)
            .bind(limited(read))
            .bind(self.pattern())
            .fetch_all(&mut *self.reader)
            .await?;
        rows.iter()
            .map(|row| {
                let here = read_inhabitants(row)?;
                Ok(Inhabitants {
                    cell: here.cell,
                    read: here.read,
                    last: here.last,
                    fitting: here.fitting,
                })
            })
            .collect()
    }

    async fn inhabitants_with(
        &mut self,
        area: &Area,
        grams: &[BTreeSet<i32>; 3],
        text: &str,
        at_most: usize,
    ) -> Result<Option<Vec<(i32, String)>>, StoreError> {
        let statement = format!(
            "WITH found AS MATERIALIZED (SELECT rowid AS number FROM community_grams WHERE community_grams MATCH ?2 LIMIT ?5 + 0)
             SELECT (SELECT count(*) FROM found) < ?5 AS all_found, (
                 SELECT json_group_array(json_array(cell, name)) FROM found CROSS JOIN community_entries USING (number)
                 WHERE (SELECT count(*) FROM found) < ?5 AND cell BETWEEN ?3 AND ?4 AND (?6 IS NULL OR instr(topics, ?6) > 0) AND {}
             ) AS people",
            has_text("?1")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(any_of(grams))
            .bind(area.cells.0)
            .bind(area.cells.1)
            .bind(limited(at_most.saturating_add(1)))
            .bind(self.pattern())
            .fetch_one(&mut *self.reader)
            .await?;
        read_found_all(&row)
    }

    async fn shown(&mut self, names: &[String]) -> Result<Vec<(String, ListedCommunity)>, StoreError> {
        let names = serde_json::to_string(names).map_err(|error| StoreError::Failed(Box::new(error)))?;
        let rows = sqlx::query(
            "SELECT communities.*, community_entries.name FROM community_entries JOIN communities USING (community)
             WHERE community_entries.name IN (SELECT value FROM json_each(?))",
        )
        .bind(names)
        .fetch_all(&mut *self.reader)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("name")?, read_listed(row)?)))
            .collect()
    }
}
