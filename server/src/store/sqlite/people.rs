//! Whom searches find, on SQLite: the table of people by name, and an FTS5 table of their grams.

use super::accounts::user;
use super::column::{id, name, optional_id};
use super::json::JsonRows;
use super::{SqliteAccounts, readers::Reader};
use crate::store::people::near::{Area, Inhabitants};
use crate::store::people::number::Number;
use crate::store::people::search::{SearchIndex, end_of_prefix};
use crate::store::people::{Entry, search_people, shown_about};
use crate::store::{FoundAccounts, Rank, SearchAccounts, StoreError};
use serde::de::DeserializeOwned;
use sotto_protocol::AccountId;
use sotto_protocol::rest::user::{FoundUser, User};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeSet;

/// Accounts in one transaction, when those of an older server are made searchable.
const TOGETHER: u32 = 500;

impl SqliteAccounts {
    pub(super) async fn search_people(&self, wanted: SearchAccounts) -> Result<FoundAccounts, StoreError> {
        let mut index = Index(self.database.reader().await?);
        search_people(&mut index, wanted).await
    }

    /// Makes those accounts searchable that an older server has left here.
    pub(super) async fn make_searchable(&self) -> Result<(), StoreError> {
        loop {
            let mut transaction = self.database.begin().await?;
            let rows = sqlx::query("SELECT account FROM accounts WHERE searchable = 0 LIMIT ? + 0")
                .bind(TOGETHER)
                .fetch_all(&mut *transaction)
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                if let Some(user) = user(&mut transaction, id(row, "account")?).await? {
                    write_entry(&mut transaction, &user).await?;
                }
            }
            transaction.commit().await?;
        }
    }
}

/// Makes searches find the account by what its profile says now, or not any more.
pub(super) async fn write_entry(connection: &mut SqliteConnection, user: &User) -> Result<(), StoreError> {
    let old = remove_entry(connection, user.account).await?;
    if let Some(entry) = Entry::of(user) {
        let number: i64 = match old {
            Some(number) => number,
            None => {
                sqlx::query_scalar("SELECT coalesce(max(number), 0) + 1 FROM people")
                    .fetch_one(&mut *connection)
                    .await?
            }
        };
        sqlx::query(
            "INSERT INTO people (name, number, account, display_name, words, cell) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&entry.name)
        .bind(number)
        .bind(user.account.as_bytes().as_slice())
        .bind(&entry.display_name)
        .bind(&entry.words)
        .bind(entry.cell)
        .execute(&mut *connection)
        .await?;
        sqlx::query("INSERT INTO people_grams (rowid, grams) VALUES (?, ?)")
            .bind(number)
            .bind(words(&entry.grams()))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("UPDATE accounts SET searchable = 1 WHERE account = ? AND searchable = 0")
        .bind(user.account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes searches find the account no more. Returns the number that it had among the people.
pub(super) async fn remove_entry(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> Result<Option<i64>, StoreError> {
    let row =
        sqlx::query("DELETE FROM people WHERE account = ? RETURNING number, name, display_name, words, cell")
            .bind(account.as_bytes().as_slice())
            .fetch_optional(&mut *connection)
            .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let number: i64 = row.try_get("number")?;
    // The index does not keep what it was given: it has to be told again.
    sqlx::query("INSERT INTO people_grams (people_grams, rowid, grams) VALUES ('delete', ?, ?)")
        .bind(number)
        .bind(words(&read_entry(&row)?.grams()))
        .execute(connection)
        .await?;
    Ok(Some(number))
}

/// Grams as FTS5 reads them.
pub(super) fn words(grams: &BTreeSet<i32>) -> String {
    let words: Vec<String> = grams.iter().copied().map(word).collect();
    words.join(" ")
}

/// Who has all grams of any of these sets, as FTS5 reads it.
pub(super) fn any_of(sets: &[BTreeSet<i32>]) -> String {
    let sets: Vec<String> = sets.iter().map(|grams| format!("({})", words(grams))).collect();
    sets.join(" OR ")
}

fn in_area(area: &Area, sets: &[BTreeSet<i32>]) -> String {
    let regions: Vec<String> = area.regions.iter().copied().map(word).collect();
    format!("({}) AND ({})", any_of(sets), regions.join(" OR "))
}

fn word(gram: i32) -> String {
    format!("{gram:08x}")
}

/// The condition that somebody has this rank for the text `?1`, and no better one.
pub(super) const fn has_rank(rank: Rank) -> &'static str {
    match rank {
        Rank::Beginning => "instr(name, ?1) = 1",
        Rank::DisplayName => "instr(display_name, ?1) > 0 AND instr(name, ?1) <> 1",
        Rank::Name => "instr(name, ?1) > 1 AND instr(display_name, ?1) = 0",
        Rank::Words => "instr(words, ?1) > 0 AND instr(display_name, ?1) = 0 AND instr(name, ?1) = 0",
    }
}

/// The condition that any of somebody's texts contains this one.
pub(super) fn has_text(text: &str) -> String {
    format!("(instr(name, {text}) > 0 OR instr(display_name, {text}) > 0 OR instr(words, {text}) > 0)")
}

pub(super) fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

struct Index<'a>(Reader<'a>);

impl SearchIndex for Index<'_> {
    type Found = FoundUser;

    async fn names_beginning_with(
        &mut self,
        text: &str,
        above: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT name FROM people WHERE name >= ? AND name < ? AND name > ? ORDER BY name LIMIT ? + 0",
        )
        .bind(text)
        .bind(end_of_prefix(text))
        .bind(above)
        .bind(limited(limit))
        .fetch_all(&mut *self.0)
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
                 SELECT number, name, display_name, words FROM people WHERE number > ?2 ORDER BY number LIMIT ?3 + 0
             ) WHERE {} ORDER BY number LIMIT ?4 + 0",
            has_rank(rank)
        );
        let numbers = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(Number::above(above))
            .bind(read)
            .bind(limited(limit))
            .fetch_all(&mut *self.0)
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
        _: usize,
    ) -> Result<Option<Vec<String>>, StoreError> {
        // The index is in the order of the numbers: nobody has to be looked at who comes after those who are wanted.
        let statement = format!(
            "SELECT people.number FROM people_grams CROSS JOIN people ON people.number = people_grams.rowid
             WHERE people_grams MATCH ?2 AND people_grams.rowid > ?3 AND {} ORDER BY people_grams.rowid LIMIT ?4 + 0",
            has_rank(rank)
        );
        let numbers = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(words(grams))
            .bind(Number::above(above))
            .bind(limited(limit))
            .fetch_all(&mut *self.0)
            .await?;
        Ok(Some(keys(numbers)))
    }

    async fn inhabited(&mut self, cells: &[i32]) -> Result<Vec<i32>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM people WHERE cell = value)",
        )
        .bind(JsonRows::of_numbers(cells.iter().copied().map(i64::from)))
        .fetch_all(&mut *self.0)
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
                 SELECT json_array(count(*), max(number), json_group_array(number) FILTER (WHERE ?2 IS NULL OR {has}))
                 FROM people WHERE number IN (
                     SELECT number FROM people AS there
                     WHERE there.cell = cells.value AND number > ?3 ORDER BY number LIMIT ?4 + 0
                 )
             ) AS people
             FROM json_each(?1) AS cells",
            has = has_text("?2")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(JsonRows::of_numbers(cells.iter().copied().map(i64::from)))
            .bind(text)
            .bind(Number::above(above))
            .bind(limited(read))
            .fetch_all(&mut *self.0)
            .await?;
        rows.iter()
            .map(|row| {
                let here = read_inhabitants::<i64>(row)?;
                Ok(Inhabitants {
                    cell: here.cell,
                    read: here.read,
                    last: here.last.map(|number| Number(number).key()),
                    fitting: keys(here.fitting),
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
            "WITH found AS MATERIALIZED (SELECT rowid AS number FROM people_grams WHERE people_grams MATCH ?2 LIMIT ?5 + 0)
             SELECT (SELECT count(*) FROM found) < ?5 AS all_found, (
                 SELECT json_group_array(json_array(cell, number)) FROM found CROSS JOIN people USING (number)
                 WHERE (SELECT count(*) FROM found) < ?5 AND cell BETWEEN ?3 AND ?4 AND {}
             ) AS people",
            has_text("?1")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(in_area(area, grams))
            .bind(area.cells.0)
            .bind(area.cells.1)
            .bind(limited(at_most.saturating_add(1)))
            .fetch_one(&mut *self.0)
            .await?;
        let found: Option<Vec<(i32, i64)>> = read_found_all(&row)?;
        Ok(found.map(|people| {
            let keyed = people
                .into_iter()
                .map(|(cell, number)| (cell, Number(number).key()));
            keyed.collect()
        }))
    }

    async fn shown(&mut self, keys: &[String]) -> Result<Vec<(String, FoundUser)>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, accounts.account, accounts.name, accounts.display_name, about, place, bot, small_picture
             FROM people JOIN accounts USING (account)
             WHERE number IN (SELECT value FROM json_each(?1)) OR people.name IN (SELECT value FROM json_each(?2))",
        )
        .bind(JsonRows::of_numbers(
            keys.iter().filter_map(|key| Some(Number::of_key(key)?.0)),
        ))
        // Names have no character that JSON writes in another way.
        .bind(format!("[\"{}\"]", keys.join("\",\"")))
        .fetch_all(&mut *self.0)
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

pub(super) fn read_entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    Ok(Entry {
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        words: row.try_get("words")?,
        cell: row.try_get("cell")?,
    })
}

/// Who is on a point, by what they are told apart by in this table.
pub(super) struct Met<K> {
    pub(super) cell: i32,
    pub(super) read: usize,
    pub(super) last: Option<K>,
    pub(super) fitting: Vec<K>,
}

pub(super) fn read_inhabitants<K: DeserializeOwned>(row: &SqliteRow) -> Result<Met<K>, StoreError> {
    let people: &str = row.try_get("people")?;
    let (read, last, fitting) =
        serde_json::from_str(people).map_err(|_| StoreError::Unreadable { what: "people" })?;
    Ok(Met {
        cell: row.try_get("cell")?,
        read,
        last,
        fitting,
    })
}

/// Those who were found, if they are all.
pub(super) fn read_found_all<T: DeserializeOwned>(row: &SqliteRow) -> Result<Option<Vec<T>>, StoreError> {
    if !row.try_get::<bool, _>("all_found")? {
        return Ok(None);
    }
    let people: &str = row.try_get("people")?;
    let people = serde_json::from_str(people).map_err(|_| StoreError::Unreadable { what: "people" })?;
    Ok(Some(people))
}

fn read_found(row: &SqliteRow) -> Result<FoundUser, StoreError> {
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
