//! Whom searches find, on SQLite: the table of people by name, and an FTS5 table of their grams.

use super::accounts::user;
use super::column::{id, name, optional_id};
use super::json::JsonRows;
use super::{SqliteAccounts, readers::Reader};
use crate::store::people::search::{NameRange, SearchIndex, end_of_prefix};
use crate::store::people::{Entry, search_people, shown_about};
use crate::store::{FoundAccounts, Rank, SearchAccounts, StoreError};
use sotto_protocol::AccountId;
use sotto_protocol::rest::user::{FoundUser, User};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeSet;
use std::fmt::Write as _;

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
    let mut words = String::with_capacity(grams.len() * 9);
    for gram in grams {
        // Writing to a string has no error to return.
        let _ = write!(words, "{gram:08x} ");
    }
    words
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
                 WHERE name > ?2 AND name < ?3 ORDER BY name LIMIT ?4 + 0
             ) WHERE {} ORDER BY name LIMIT ?5 + 0",
            has_rank(rank)
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(range.above)
            .bind(range.below.unwrap_or(PAST_ALL_NAMES))
            .bind(read)
            .bind(limited(limit))
            .fetch_all(&mut *self.0)
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
        let statement = format!(
            "SELECT name FROM people_grams CROSS JOIN people ON people.number = people_grams.rowid
             WHERE people_grams MATCH ?2 AND name > ?3 AND {} ORDER BY name LIMIT ?4 + 0",
            has_rank(rank)
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(text)
            .bind(words(grams))
            .bind(above)
            .bind(limited(limit))
            .fetch_all(&mut *self.0)
            .await?)
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
        above: &str,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(
            "SELECT people.name, display_name, words, cell FROM json_each(?) AS cells
             CROSS JOIN people ON people.name IN (
                 SELECT name FROM people AS there WHERE there.cell = cells.value AND name > ? ORDER BY name LIMIT ? + 0
             )",
        )
        .bind(JsonRows::of_numbers(cells.iter().copied().map(i64::from)))
        .bind(above)
        .bind(limited(limit))
        .fetch_all(&mut *self.0)
        .await?;
        rows.iter().map(read_entry).collect()
    }

    async fn inhabitants_with(
        &mut self,
        (from, to): (i32, i32),
        grams: &[BTreeSet<i32>],
    ) -> Result<Vec<Entry>, StoreError> {
        let sets: Vec<String> = grams.iter().map(|grams| format!("({})", words(grams))).collect();
        let rows = sqlx::query(
            "SELECT name, display_name, words, cell
             FROM people_grams CROSS JOIN people ON people.number = people_grams.rowid
             WHERE people_grams MATCH ? AND +cell BETWEEN ? AND ?",
        )
        .bind(sets.join(" OR "))
        .bind(from)
        .bind(to)
        .fetch_all(&mut *self.0)
        .await?;
        rows.iter().map(read_entry).collect()
    }

    async fn shown(&mut self, names: &[String]) -> Result<Vec<(String, FoundUser)>, StoreError> {
        let rows = sqlx::query(
            "SELECT account, name, display_name, about, place, bot, small_picture FROM accounts
             WHERE name IN (SELECT value FROM json_each(?))",
        )
        // Names have no character that JSON writes in another way.
        .bind(format!("[\"{}\"]", names.join("\",\"")))
        .fetch_all(&mut *self.0)
        .await?;
        rows.iter()
            .map(|row| {
                let user = read_found(row)?;
                Ok((user.name.to_string(), user))
            })
            .collect()
    }
}

/// Names are ASCII.
pub(super) const PAST_ALL_NAMES: &str = "\u{10FFFF}";

pub(super) fn read_entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    Ok(Entry {
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        words: row.try_get("words")?,
        cell: row.try_get("cell")?,
    })
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
