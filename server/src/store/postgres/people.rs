//! Whom searches find, on PostgreSQL: the table of people by name, with a GIN index of their grams.

use super::PostgresAccounts;
use super::accounts::read_user;
use super::column::{id, name, optional_id};
use crate::store::people::near::{Area, Inhabitants};
use crate::store::people::number::Number;
use crate::store::people::search::{SearchIndex, end_of_prefix};
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

/// The condition that any of somebody's texts contains this one.
pub(super) fn has_text(text: &str) -> String {
    format!("(strpos(name, {text}) > 0 OR strpos(display_name, {text}) > 0 OR strpos(words, {text}) > 0)")
}

/// Joins what people say to what an index alone has of them (`read`): the row is looked up for those who say much.
const WITH_WORDS: &str = "CROSS JOIN LATERAL (
    SELECT coalesce(read.short_words, (SELECT words FROM people AS row WHERE row.number = read.number)) AS words
) AS said";

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

    async fn read_in_order(
        &mut self,
        rank: Rank,
        text: &str,
        above: &str,
        read: u32,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let statement = format!(
            "SELECT number FROM (
                 SELECT number, name, display_name, short_words FROM people WHERE number > $2 ORDER BY number LIMIT $3
             ) AS read {WITH_WORDS} WHERE {} ORDER BY number LIMIT $4",
            has_rank(rank)
        );
        // Made of our own words alone.
        let numbers = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(Number::above(above))
            .bind(i64::from(read))
            .bind(limited(limit))
            .fetch_all(self.0)
            .await?;
        Ok(keys(numbers))
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
        // Apart, or the planner might go through all people in their order instead of asking the index. And planned anew for each text: a plan
        // for any text would go through all rows until the limit is reached.
        let statement = format!(
            "WITH found AS MATERIALIZED (
                 SELECT number, name, display_name, words FROM people WHERE grams @> $2 LIMIT $5)
             SELECT (SELECT count(*) FROM found) < $5 AS all_found, ARRAY(
                 SELECT number FROM found
                 WHERE (SELECT count(*) FROM found) < $5 AND number > $3 AND {} ORDER BY number LIMIT $4
             ) AS numbers",
            has_rank(rank)
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .persistent(false)
            .bind(text)
            .bind(numbers(grams))
            .bind(Number::above(above))
            .bind(limited(limit))
            .bind(limited(at_most.saturating_add(1)))
            .fetch_one(self.0)
            .await?;
        if !row.try_get::<bool, _>("all_found")? {
            return Ok(None);
        }
        Ok(Some(keys(row.try_get("numbers")?)))
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
        text: Option<&str>,
        above: &str,
        read: usize,
    ) -> Result<Vec<Inhabitants>, StoreError> {
        let statement = format!(
            "SELECT cells.cell, people.* FROM unnest($1::integer[]) AS cells (cell)
             CROSS JOIN LATERAL (
                 SELECT count(*) AS read, max(number) AS last,
                     array_agg(number) FILTER (WHERE $2::text IS NULL OR {has}) AS fitting
                 FROM (
                     SELECT number, name, display_name, short_words FROM people
                     WHERE people.cell = cells.cell AND number > $3 ORDER BY number LIMIT $4
                 ) AS read {WITH_WORDS}
             ) AS people",
            has = has_text("$2")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(cells)
            .bind(text)
            .bind(Number::above(above))
            .bind(limited(read))
            .fetch_all(self.0)
            .await?;
        rows.iter()
            .map(|row| {
                let read: i64 = row.try_get("read")?;
                let last: Option<i64> = row.try_get("last")?;
                let fitting: Option<Vec<i64>> = row.try_get("fitting")?;
                Ok(Inhabitants {
                    cell: row.try_get("cell")?,
                    read: usize::try_from(read).unwrap_or_default(),
                    last: last.map(|number| Number(number).key()),
                    fitting: keys(fitting.unwrap_or_default()),
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
            "WITH found AS MATERIALIZED (
                 (SELECT number, name, display_name, words, cell FROM people WHERE grams @> $2 AND grams && $8 LIMIT $7)
                 UNION ALL
                 (SELECT number, name, display_name, words, cell FROM people WHERE grams @> $3 AND grams && $8 LIMIT $7)
                 UNION ALL
                 (SELECT number, name, display_name, words, cell FROM people WHERE grams @> $4 AND grams && $8 LIMIT $7)
                 LIMIT $7),
                 fitting AS (
                     SELECT cell, number FROM found
                     WHERE (SELECT count(*) FROM found) < $7 AND cell BETWEEN $5 AND $6 AND {})
             SELECT (SELECT count(*) FROM found) < $7 AS all_found,
                 ARRAY(SELECT cell FROM fitting) AS cells, ARRAY(SELECT number FROM fitting) AS numbers",
            has_text("$1")
        );
        let [names, display_names, said] = grams.each_ref().map(numbers);
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .persistent(false)
            .bind(text)
            .bind(names)
            .bind(display_names)
            .bind(said)
            .bind(area.cells.0)
            .bind(area.cells.1)
            .bind(limited(at_most.saturating_add(1)))
            .bind(numbers(&area.regions))
            .fetch_one(self.0)
            .await?;
        if !row.try_get::<bool, _>("all_found")? {
            return Ok(None);
        }
        let (cells, numbers): (Vec<i32>, Vec<i64>) = (row.try_get("cells")?, row.try_get("numbers")?);
        Ok(Some(cells.into_iter().zip(keys(numbers)).collect()))
    }

    async fn shown(&mut self, keys: &[String]) -> Result<Vec<(String, FoundUser)>, StoreError> {
        let numbers: Vec<i64> = keys
            .iter()
            .filter_map(|key| Some(Number::of_key(key)?.0))
            .collect();
        let rows = sqlx::query(
            "SELECT number, accounts.account, accounts.name, accounts.display_name, about, place, bot, small_picture
             FROM people JOIN accounts USING (account) WHERE number = ANY($1) OR people.name = ANY($2)",
        )
        .bind(numbers)
        .bind(keys)
        .fetch_all(self.0)
        .await?;
        let mut shown = Vec::with_capacity(rows.len());
        for row in &rows {
            let user = read_found(row)?;
            let (name, number) = (user.name.to_string(), Number(row.try_get("number")?).key());
            let key = if keys.contains(&number) { number } else { name };
            shown.push((key, user));
        }
        Ok(shown)
    }
}

fn keys(numbers: Vec<i64>) -> Vec<String> {
    numbers.into_iter().map(|number| Number(number).key()).collect()
}

pub(super) fn read_inhabitants(row: &PgRow) -> Result<Inhabitants, StoreError> {
    let read: i64 = row.try_get("read")?;
    let fitting: Option<Vec<String>> = row.try_get("fitting")?;
    Ok(Inhabitants {
        cell: row.try_get("cell")?,
        read: usize::try_from(read).unwrap_or_default(),
        last: row.try_get("last")?,
        fitting: fitting.unwrap_or_default(),
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
