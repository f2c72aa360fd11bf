//! Which accounts have come in by which invitation.

use super::json::JsonRows;
use crate::store::StoreError;
use crate::store::sequencer::{CommitEffect, Use, Used};
use crate::store::sqlite::column::{id, number};
use sotto_protocol::{AccountId, ChatRules, InvitationKey};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;

/// How often the invitations were used, and whether by these accounts.
pub(super) async fn read_uses(
    connection: &mut SqliteConnection,
    wanted: impl Iterator<Item = Use>,
) -> Result<HashMap<Use, Used>, StoreError> {
    let mut rows = JsonRows::new();
    for used in wanted {
        rows.row(|row| {
            row.number(used.chat);
            row.hex(used.invitation.as_bytes());
            row.hex(used.account.as_bytes());
        });
    }
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    sqlx::query(
        "WITH wanted AS MATERIALIZED (
             SELECT DISTINCT value ->> 0 AS chat, unhex(value ->> 1) AS invitation, unhex(value ->> 2) AS account
             FROM json_each(?))
         SELECT chat, invitation, account,
             (SELECT count(*) FROM invitation_uses AS used
              WHERE used.chat = wanted.chat AND used.invitation = wanted.invitation) AS times,
             EXISTS (SELECT 1 FROM invitation_uses AS used
              WHERE used.chat = wanted.chat AND used.invitation = wanted.invitation AND used.account = wanted.account)
                 AS by_this
         FROM wanted",
    )
    .bind(rows.finish())
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let wanted = Use {
            chat: row.try_get("chat")?,
            invitation: id(row, "invitation")?,
            account: id(row, "account")?,
        };
        let used = Used {
            times: number(row, "times")?,
            by_this: row.try_get("by_this")?,
        };
        Ok((wanted, used))
    })
    .collect()
}

/// Notes who has come in by an invitation, and forgets the uses of those that the rules do not have any more.
pub(super) async fn apply_commit(
    connection: &mut SqliteConnection,
    commit: &CommitEffect<'_>,
) -> Result<(), StoreError> {
    if let Some(Use {
        chat,
        invitation,
        account,
    }) = commit.used
    {
        sqlx::query(
            "INSERT INTO invitation_uses (chat, invitation, account) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(chat)
        .bind(invitation.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    }
    if let Some(rules) = commit.rules.as_deref().and_then(ChatRules::as_group) {
        let mut kept = JsonRows::new();
        for invitation in &rules.invitations {
            kept.hex(invitation.key.as_bytes());
        }
        sqlx::query(
            "DELETE FROM invitation_uses
             WHERE chat = ? AND invitation NOT IN (SELECT unhex(value) FROM json_each(?))",
        )
        .bind(commit.chat)
        .bind(kept.finish())
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// The Commit by which the account had come in is taken back: the invitation was not used.
pub(super) async fn give_back(
    connection: &mut SqliteConnection,
    chat: i64,
    invitation: InvitationKey,
    account: AccountId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM invitation_uses WHERE chat = ? AND invitation = ? AND account = ?")
        .bind(chat)
        .bind(invitation.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}
