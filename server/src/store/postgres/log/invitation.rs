//! Which accounts have come in by which invitation.

use crate::store::StoreError;
use crate::store::postgres::column::{id, number};
use crate::store::sequencer::{CommitEffect, Use, Used};
use sotto_protocol::{AccountId, ChatRules, InvitationKey};
use sqlx::Row;
use sqlx::postgres::PgConnection;
use std::collections::HashMap;

/// How often the invitations were used, and whether by these accounts.
pub(super) async fn read_uses(
    connection: &mut PgConnection,
    wanted: impl Iterator<Item = Use>,
) -> Result<HashMap<Use, Used>, StoreError> {
    let wanted: Vec<Use> = wanted.collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let chats: Vec<i64> = wanted.iter().map(|used| used.chat).collect();
    let invitations: Vec<&[u8]> = wanted
        .iter()
        .map(|used| used.invitation.as_bytes().as_slice())
        .collect();
    let accounts: Vec<&[u8]> = wanted
        .iter()
        .map(|used| used.account.as_bytes().as_slice())
        .collect();
    sqlx::query(
        "SELECT wanted.chat, wanted.invitation, wanted.account,
             (SELECT count(*) FROM invitation_uses AS used
              WHERE used.chat = wanted.chat AND used.invitation = wanted.invitation) AS times,
             EXISTS (SELECT FROM invitation_uses AS used
              WHERE used.chat = wanted.chat AND used.invitation = wanted.invitation AND used.account = wanted.account)
                 AS by_this
         FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS wanted (chat, invitation, account)",
    )
    .bind(chats)
    .bind(invitations)
    .bind(accounts)
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
    connection: &mut PgConnection,
    commit: &CommitEffect<'_>,
) -> Result<(), StoreError> {
    if let Some(Use {
        chat,
        invitation,
        account,
    }) = commit.used
    {
        sqlx::query(
            "INSERT INTO invitation_uses (chat, invitation, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(chat)
        .bind(invitation.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    }
    if let Some(rules) = commit.rules.as_deref().and_then(ChatRules::as_group) {
        let kept: Vec<&[u8]> = rules
            .invitations
            .iter()
            .map(|invitation| invitation.key.as_bytes().as_slice())
            .collect();
        sqlx::query("DELETE FROM invitation_uses WHERE chat = $1 AND invitation <> ALL ($2)")
            .bind(commit.chat)
            .bind(kept)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// The Commit by which the account had come in is taken back: the invitation was not used.
pub(super) async fn give_back(
    connection: &mut PgConnection,
    chat: i64,
    invitation: InvitationKey,
    account: AccountId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM invitation_uses WHERE chat = $1 AND invitation = $2 AND account = $3")
        .bind(chat)
        .bind(invitation.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}
