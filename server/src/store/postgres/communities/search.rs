//! Which communities searches find, on PostgreSQL: as people are found, with a table of topics beside it.

use super::super::people::{has_rank, has_text, limited, numbers, read_inhabitants};
use super::read_listed;
use crate::store::community::{LATEST_READ, found_page, topic_pattern};
use crate::store::people::near::{Area, Inhabitants};
use crate::store::people::search::{self, SearchIndex, Wanted, end_of_prefix};
use crate::store::{FindNewCommunities, FoundCommunities, Rank, SearchCommunities, StoreError};
use sotto_protocol::rest::community::ListedCommunity;
use sotto_protocol::{CoarseLocation, CommunityId};
use sqlx::Row;
use sqlx::postgres::PgPool;
use std::collections::{BTreeSet, HashMap};

pub(super) async fn search(
    reader: &PgPool,
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
    reader: &PgPool,
    find: FindNewCommunities,
) -> Result<Vec<ListedCommunity>, StoreError> {
    let rows: Vec<(Vec<u8>, i32)> = sqlx::query_as(
        "SELECT community, cell FROM communities WHERE created_at > $1 AND cell IS NOT NULL
         ORDER BY created_at DESC, community DESC LIMIT $2",
    )
    .bind(super::integer(find.since.0))
    .bind(i64::from(LATEST_READ))
    .fetch_all(reader)
    .await?;
    let near: Vec<(Vec<u8>, u16)> = rows
        .into_iter()
        .filter_map(|(community, cell)| {
            let km = CoarseLocation::from_cell(cell)?.distance_km(find.near.location);
            (km <= find.near.within_km).then_some((community, km))
        })
        .take(usize::from(find.limit))
        .collect();
    let ids: Vec<&[u8]> = near.iter().map(|(community, _)| community.as_slice()).collect();
    let rows = sqlx::query("SELECT * FROM communities WHERE community = ANY($1)")
        .bind(ids)
        .fetch_all(reader)
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
    reader: &'a PgPool,
    topic: Option<String>,
}

impl Index<'_> {
    /// Where to read communities in the order of their titles. The topic, if there is one, is the argument of this number.
    fn in_order(&self, argument: u8) -> String {
        match self.topic {
            None => format!("community_entries WHERE ${argument}::text IS NULL"),
            Some(_) => {
                format!("community_topics JOIN community_entries USING (name) WHERE topic = ${argument}")
            }
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
            "SELECT name FROM {} AND name >= $1 AND name < $2 AND name > $3 ORDER BY name LIMIT $4",
            self.in_order(5)
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(end_of_prefix(text))
            .bind(above)
            .bind(limited(limit))
            .bind(self.topic.clone())
            .fetch_all(self.reader)
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
                 SELECT name, display_name, words FROM {}
                     AND name > $2 ORDER BY name LIMIT $3
             ) AS read WHERE {} ORDER BY name LIMIT $4",
            self.in_order(5),
            has_rank(rank)
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(above)
            .bind(i64::from(read))
            .bind(limited(limit))
            .bind(self.topic.clone())
            .fetch_all(self.reader)
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
        // Apart, or the planner might go through all names in their order instead of asking the index.
        let statement = format!(
            "WITH found AS MATERIALIZED (
                 SELECT name, display_name, words, topics FROM community_entries WHERE grams @> $2 LIMIT $5)
             SELECT (SELECT count(*) FROM found) < $5 AS all_found, ARRAY(
                 SELECT name FROM found
                 WHERE (SELECT count(*) FROM found) < $5 AND name > $3 AND ($6::text IS NULL OR strpos(topics, $6) > 0) AND {} ORDER BY name LIMIT $4
             ) AS names",
            has_rank(rank)
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(numbers(grams))
            .bind(above)
            .bind(limited(limit))
            .bind(limited(at_most.saturating_add(1)))
            .bind(self.pattern())
            .fetch_one(self.reader)
            .await?;
        Ok(row
            .try_get::<bool, _>("all_found")?
            .then(|| row.try_get("names"))
            .transpose()?)
    }

    async fn inhabited(&mut self, cells: &[i32]) -> Result<Vec<i32>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT cells.cell FROM unnest($1::integer[]) AS cells (cell)
             CROSS JOIN LATERAL (
                 SELECT FROM community_entries AS there
                 WHERE there.cell = cells.cell AND ($2::text IS NULL OR strpos(there.topics, $2) > 0) LIMIT 1
             ) AS anything",
        )
        .bind(cells)
        .bind(self.pattern())
        .fetch_all(self.reader)
        .await?)
    }

    async fn inhabitants(
        &mut self,
        cells: &[i32],
        text: Option<&str>,
        above: &str,
        read: usize,
    ) -> Result<Vec<Inhabitants>, StoreError> {
        let statement = format!(
            "SELECT cells.cell, people.* FROM unnest($1::integer[]) AS cells (cell)
             CROSS JOIN LATERAL (
                 SELECT count(*) AS read, max(name) AS last,
                     array_agg(name) FILTER (WHERE $2::text IS NULL OR {has}) AS fitting
                 FROM (
                     SELECT name, display_name, words FROM community_entries
                     WHERE community_entries.cell = cells.cell AND name > $3 AND ($5::text IS NULL OR strpos(topics, $5) > 0) ORDER BY name LIMIT $4
                 ) AS there
             ) AS people",
            has = has_text("$2")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(cells)
            .bind(text)
            .bind(above)
            .bind(limited(read))
            .bind(self.pattern())
            .fetch_all(self.reader)
            .await?;
        rows.iter().map(read_inhabitants).collect()
    }

    async fn inhabitants_with(
        &mut self,
        area: &Area,
        grams: &[BTreeSet<i32>; 3],
        text: &str,
        at_most: usize,
    ) -> Result<Option<Vec<(i32, String)>>, StoreError> {
        let statement = format!(
            "WITH found AS MATERIALIZED (
                 (SELECT name, display_name, words, cell, topics FROM community_entries WHERE grams @> $2 LIMIT $7)
                 UNION ALL
                 (SELECT name, display_name, words, cell, topics FROM community_entries WHERE grams @> $3 LIMIT $7)
                 UNION ALL
                 (SELECT name, display_name, words, cell, topics FROM community_entries WHERE grams @> $4 LIMIT $7)
                 LIMIT $7),
                 fitting AS (
                     SELECT cell, name FROM found
                     WHERE (SELECT count(*) FROM found) < $7 AND cell BETWEEN $5 AND $6 AND ($8::text IS NULL OR strpos(topics, $8) > 0) AND {})
             SELECT (SELECT count(*) FROM found) < $7 AS all_found,
                 ARRAY(SELECT cell FROM fitting) AS cells, ARRAY(SELECT name FROM fitting) AS names",
            has_text("$1")
        );
        let [names, display_names, said] = grams.each_ref().map(numbers);
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(names)
            .bind(display_names)
            .bind(said)
            .bind(area.cells.0)
            .bind(area.cells.1)
            .bind(limited(at_most.saturating_add(1)))
            .bind(self.pattern())
            .fetch_one(self.reader)
            .await?;
        if !row.try_get::<bool, _>("all_found")? {
            return Ok(None);
        }
        let (cells, names): (Vec<i32>, Vec<String>) = (row.try_get("cells")?, row.try_get("names")?);
        Ok(Some(cells.into_iter().zip(names).collect()))
    }

    async fn shown(&mut self, names: &[String]) -> Result<Vec<(String, ListedCommunity)>, StoreError> {
        let rows = sqlx::query(
            "SELECT communities.*, community_entries.name FROM community_entries JOIN communities USING (community)
             WHERE community_entries.name = ANY($1)",
        )
        .bind(names)
        .fetch_all(self.reader)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("name")?, read_listed(row)?)))
            .collect()
    }
}
