//! Whom searches find, on PostgreSQL: the table of people by name, with a GIN index of their grams.

use super::PostgresAccounts;
use super::accounts::read_user;
use super::column::{id, name, optional_id};
use crate::store::people::search::{NameRange, SearchIndex, end_of_prefix};
use crate::store::people::{Entry, search_people, shown_about};
use crate::store::{FoundAccounts, Rank, SearchAccounts, StoreError};
use sotto_protocol::rest::user::{FoundUser, User};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgPool, PgRow};
use std::collections::BTreeSet;

/// Accounts in one transaction, when those of an older server are made searchable.
const TOGETHER: i64 = 500;

impl PostgresAccounts {
    pub(super) async fn search_people(&self, wanted: SearchAccounts) -> Result<FoundAccounts, StoreError> {
        search_people(&mut Index(self.database.readers()), wanted).await
    }

    /// Makes those accounts searchable that older servers have left here. Several nodes share the work.
    pub(super) async fn make_searchable(&self) -> Result<(), StoreError> {
        loop {
            let mut transaction = self.database.begin().await?;
            let rows = sqlx::query(
                "SELECT * FROM accounts WHERE NOT searchable ORDER BY account LIMIT $1 FOR UPDATE SKIP LOCKED",
            )
            .bind(TOGETHER)
            .fetch_all(&mut *transaction)
            .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                write_entry(&mut transaction, &read_user(row)?).await?;
            }
            transaction.commit().await?;
        }
    }
}

/// Makes searches find the account by what its profile says now, or not any more. Its row is locked.
pub(super) async fn write_entry(connection: &mut PgConnection, user: &User) -> Result<(), StoreError> {
    match Entry::of(user) {
        Some(entry) => {
            sqlx::query(
                "INSERT INTO people (name, account, display_name, words, cell, grams) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, words = excluded.words,
                     cell = excluded.cell, grams = excluded.grams",
            )
            .bind(&entry.name)
            .bind(user.account.as_bytes().as_slice())
            .bind(&entry.display_name)
            .bind(&entry.words)
            .bind(entry.cell)
            .bind(numbers(&entry.grams()))
            .execute(&mut *connection)
            .await?;
        }
        None => {
            sqlx::query("DELETE FROM people WHERE account = $1")
                .bind(user.account.as_bytes().as_slice())
                .execute(&mut *connection)
                .await?;
        }
    }
    sqlx::query("UPDATE accounts SET searchable = true WHERE account = $1 AND NOT searchable")
        .bind(user.account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) fn numbers(grams: &BTreeSet<i32>) -> Vec<i32> {
    grams.iter().copied().collect()
}

/// The condition that somebody has this rank for the text `$1`, and no better one.
pub(super) const fn has_rank(rank: Rank) -> &'static str {
    match rank {
        Rank::Beginning => "strpos(name, $1) = 1",
        Rank::DisplayName => "strpos(display_name, $1) > 0 AND strpos(name, $1) <> 1",
        Rank::Name => "strpos(name, $1) > 1 AND strpos(display_name, $1) = 0",
        Rank::Words => "strpos(words, $1) > 0 AND strpos(display_name, $1) = 0 AND strpos(name, $1) = 0",
    }
}

pub(super) fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

struct Index<'a>(&'a PgPool);

impl SearchIndex for Index<'_> {
    type Found = FoundUser;

    async fn names_beginning_with(
        &mut self,
        text: &str,
        above: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT name FROM people WHERE name >= $1 AND name < $2 AND name > $3 ORDER BY name LIMIT $4",
        )
        .bind(text)
        .bind(end_of_prefix(text))
        .bind(above)
        .bind(limited(limit))
        .fetch_all(self.0)
        .await?)
    }

    async fn read_names(
        &mut self,
        rank: Rank,
        text: &str,
        range: NameRange<'_>,
        read: u32,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let statement = format!(
            "SELECT name FROM (
                 SELECT name, display_name, words FROM people
                 WHERE name > $2 AND ($3::text IS NULL OR name < $3) ORDER BY name LIMIT $4
             ) AS read WHERE {} ORDER BY name LIMIT $5",
            has_rank(rank)
        );
        // Made of our own words alone.
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(range.above)
            .bind(range.below)
            .bind(i64::from(read))
            .bind(limited(limit))
            .fetch_all(self.0)
            .await?)
    }

    async fn names_with(
        &mut self,
        rank: Rank,
        text: &str,
        grams: &BTreeSet<i32>,
        above: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        // Apart, or the planner might go through all names in their order instead of asking the index.
        let statement = format!(
            "WITH candidates AS MATERIALIZED (SELECT name, display_name, words FROM people WHERE grams @> $2)
             SELECT name FROM candidates WHERE name > $3 AND {} ORDER BY name LIMIT $4",
            has_rank(rank)
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(numbers(grams))
            .bind(above)
            .bind(limited(limit))
            .fetch_all(self.0)
            .await?)
    }

    async fn inhabited(&mut self, cells: &[i32]) -> Result<Vec<i32>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT cells.cell FROM unnest($1::integer[]) AS cells (cell)
             CROSS JOIN LATERAL (SELECT FROM people WHERE people.cell = cells.cell LIMIT 1) AS anybody",
        )
        .bind(cells)
        .fetch_all(self.0)
        .await?)
    }

    async fn inhabitants(
        &mut self,
        cells: &[i32],
        above: &str,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(
            "SELECT there.* FROM unnest($1::integer[]) AS cells (cell)
             CROSS JOIN LATERAL (
                 SELECT name, display_name, words, people.cell FROM people
                 WHERE people.cell = cells.cell AND name > $2 ORDER BY name LIMIT $3
             ) AS there",
        )
        .bind(cells)
        .bind(above)
        .bind(limited(limit))
        .fetch_all(self.0)
        .await?;
        rows.iter().map(read_entry).collect()
    }

    async fn inhabitants_with(
        &mut self,
        (from, to): (i32, i32),
        grams: &[BTreeSet<i32>],
    ) -> Result<Vec<Entry>, StoreError> {
        let mut people = Vec::new();
        for grams in grams {
            let rows = sqlx::query(
                "WITH candidates AS MATERIALIZED (SELECT name, display_name, words, cell FROM people WHERE grams @> $3)
                 SELECT * FROM candidates WHERE cell BETWEEN $1 AND $2",
            )
            .bind(from)
            .bind(to)
            .bind(numbers(grams))
            .fetch_all(self.0)
            .await?;
            people.extend(rows.iter().map(read_entry).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(people)
    }

    async fn shown(&mut self, names: &[String]) -> Result<Vec<(String, FoundUser)>, StoreError> {
        let rows = sqlx::query(
            "SELECT account, name, display_name, about, place, bot, small_picture FROM accounts WHERE name = ANY($1)",
        )
        .bind(names)
        .fetch_all(self.0)
        .await?;
        rows.iter()
            .map(|row| {
                let user = read_found(row)?;
                Ok((user.name.to_string(), user))
            })
            .collect()
    }
}

pub(super) fn read_entry(row: &PgRow) -> Result<Entry, StoreError> {
    Ok(Entry {
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        words: row.try_get("words")?,
        cell: row.try_get("cell")?,
    })
}

fn read_found(row: &PgRow) -> Result<FoundUser, StoreError> {
    Ok(FoundUser {
        account: id(row, "account")?,
        name: name(row, "name")?,
        display_name: row.try_get("display_name")?,
        about: shown_about(row.try_get("about")?),
        place: row.try_get("place")?,
        bot: row.try_get("bot")?,
        picture: optional_id(row, "small_picture")?,
        distance_km: None,
    })
}
