//! The search for accounts.

use super::column::id;
use crate::store::{FoundAccounts, SearchAccounts, SearchPosition, StoreError};
use sotto_protocol::AccountName;
use sotto_protocol::rest::user::FoundUser;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// What display names and queries are compared as.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

pub(super) async fn search_accounts(
    connection: &mut SqliteConnection,
    search: SearchAccounts,
) -> Result<FoundAccounts, StoreError> {
    let text = folded(&search.text);
    let limit = usize::from(search.limit);
    let (past_prefix, after) = match &search.after {
        Some(position) => (position.past_prefix, position.name.as_str()),
        None => (false, ""),
    };
    let mut found: Vec<(bool, FoundUser)> = Vec::new();
    if !past_prefix {
        let rows = beginning_with(connection, &text, after, limit + 1).await?;
        found.extend(read(&rows)?.map(|user| (false, user)));
    }
    if found.len() <= limit {
        let after = if past_prefix { after } else { "" };
        let rows = containing(connection, &text, after, limit + 1 - found.len()).await?;
        found.extend(read(&rows)?.map(|user| (true, user)));
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found
        .last()
        .filter(|_| more)
        .map(|(past_prefix, user)| SearchPosition {
            past_prefix: *past_prefix,
            name: user.name.clone(),
        });
    Ok(FoundAccounts {
        accounts: found.into_iter().map(|(_, user)| user).collect(),
        next,
    })
}

/// The end of the range of names that begin with a text: names are ASCII.
fn end_of_prefix(text: &str) -> String {
    format!("{text}\u{10FFFF}")
}

async fn beginning_with(
    connection: &mut SqliteConnection,
    text: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<SqliteRow>, StoreError> {
    Ok(sqlx::query(
        "SELECT account, name, display_name FROM accounts
         WHERE name >= ? AND name < ? AND name > ? ORDER BY name LIMIT ? + 0",
    )
    .bind(text)
    .bind(end_of_prefix(text))
    .bind(after)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?)
}

async fn containing(
    connection: &mut SqliteConnection,
    text: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<SqliteRow>, StoreError> {
    Ok(sqlx::query(
        "SELECT account, name, display_name FROM accounts
         WHERE name > ?3 AND NOT (name >= ?1 AND name < ?2)
             AND (instr(name, ?1) > 0 OR instr(display_name_folded, ?1) > 0)
         ORDER BY name LIMIT ?4 + 0",
    )
    .bind(text)
    .bind(end_of_prefix(text))
    .bind(after)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?)
}

fn read(rows: &[SqliteRow]) -> Result<impl Iterator<Item = FoundUser>, StoreError> {
    let users: Vec<FoundUser> = rows
        .iter()
        .map(|row| {
            Ok(FoundUser {
                account: id(row, "account")?,
                name: AccountName::try_from(row.try_get::<String, _>("name")?)
                    .map_err(|_| StoreError::Unreadable { what: "name" })?,
                display_name: row.try_get("display_name")?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(users.into_iter())
}
