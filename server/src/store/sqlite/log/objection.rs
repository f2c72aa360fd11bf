//! Objections to Commits, and how one is taken back.

use super::json::JsonRows;
use super::load::{read_address, read_rules};
use super::{SqliteLog, member};
use crate::store::objection::{
    Hearing, KeptCommit, Objected, Objection, TakenBack, commits_since, rules_before,
};
use crate::store::sqlite::column::{id, integer, number, seq, time};
use crate::store::sqlite::database::BEGIN;
use crate::store::{StoreError, stored_rules};
use sotto_protocol::frame::Reversal;
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress, Epoch, MessageId, Seq};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The chat in question.
struct Chat {
    key: i64,
    epoch: Epoch,
    rules: Option<Arc<ChatRules>>,
    last: Seq,
    members: Vec<(DeviceAddress, Seq)>,
}

impl SqliteLog {
    pub(super) async fn hear(&self, objection: Objection) -> Result<Option<Objected>, StoreError> {
        let Objection { chat, from, seq, at } = objection;
        let mut writer = self.writer().await?;
        let (connection, cache, _) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let Some(found) = read_chat(&mut transaction, chat).await? else {
            return Ok(None);
        };
        if !found.members.iter().any(|(member, _)| *member == from) {
            return Ok(None);
        }
        let kept = read_commits(&mut transaction, found.key, seq).await?;
        let (Some(commits), Some(rules)) = (commits_since(kept, seq, found.epoch), &found.rules) else {
            let is_taken_back = is_taken_back(&mut transaction, found.key, seq).await?;
            return Ok(Some(if is_taken_back {
                Objected::WasTakenBack
            } else {
                Objected::Final
            }));
        };
        let Some(commit) = commits
            .last()
            .filter(|commit| commit.from.account != from.account)
        else {
            return Ok(Some(Objected::Final));
        };
        let rules = match rules_before(&commits) {
            Some(rules) => stored_rules::read(Some(rules), None)?,
            None => Some(Arc::clone(rules)),
        };
        let rules = rules.ok_or(StoreError::Unreadable { what: "rules" })?;
        let objecting = note(&mut transaction, found.key, from.account, seq).await?;
        let hearing = Hearing {
            commits: &commits,
            rules: &rules,
            members: &found.members,
            objecting: &objecting,
            at,
        };
        if !hearing.takes_back() {
            transaction.commit().await?;
            return Ok(Some(Objected::Noted));
        }
        for commit in &commits {
            undo(&mut transaction, found.key, commit).await?;
        }
        let reversal = Reversal {
            first: seq,
            epoch: Epoch(commit.epoch.0.saturating_sub(1)),
        };
        sqlx::query("UPDATE chats SET epoch = ?, rules = ? WHERE key = ?")
            .bind(integer(reversal.epoch.0))
            .bind(stored_rules::write(&rules)?)
            .bind(found.key)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE group_infos SET group_info = x'' WHERE chat = ?")
            .bind(found.key)
            .execute(&mut *transaction)
            .await?;
        let message = void_entries(&mut transaction, found.key, seq).await?;
        let reversed_at = found.last.next();
        sqlx::query(
            "INSERT INTO entries (chat, seq, tag, sender, message, accepted_at, retention, kind, payload)
             SELECT chat, ?, tag, sender, message, ?, NULL, 4, ? FROM entries WHERE chat = ? AND seq = ?",
        )
        .bind(integer(reversed_at.0))
        .bind(integer(at.0))
        .bind(reversal.encode().as_slice())
        .bind(found.key)
        .bind(integer(seq.0))
        .execute(&mut *transaction)
        .await?;
        refuse(&mut transaction, found.key, commit.from.account).await?;
        forget(&mut transaction, found.key, seq).await?;
        let after = read_members(&mut transaction, found.key).await?;
        cache.forget(chat);
        // Before it is so: if the commit is cut off, nobody knows whether the WAL has it.
        self.wal_is_clean.store(false, Ordering::Relaxed);
        transaction.commit().await?;
        let members: Vec<DeviceAddress> = after.into_iter().map(|(member, _)| member).collect();
        let before = found.members.into_iter().map(|(member, _)| member);
        Ok(Some(Objected::TakenBack(Box::new(TakenBack {
            seq: reversed_at,
            reversal,
            from: commit.from,
            message,
            removed: before.filter(|member| !members.contains(member)).collect(),
            members,
        }))))
    }
}

async fn read_chat(connection: &mut SqliteConnection, chat: ChatId) -> Result<Option<Chat>, StoreError> {
    let row = sqlx::query(
        "SELECT chats.key, chats.epoch, chats.rules, group_infos.group_info,
             (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key) AS last
         FROM chats LEFT JOIN group_infos ON group_infos.chat = chats.key WHERE chats.chat = ?",
    )
    .bind(chat.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let key = row.try_get("key")?;
    Ok(Some(Chat {
        key,
        epoch: Epoch(number(&row, "epoch")?),
        rules: read_rules(&row)?,
        last: seq(&row, "last")?,
        members: read_members(connection, key).await?,
    }))
}

async fn read_members(
    connection: &mut SqliteConnection,
    chat: i64,
) -> Result<Vec<(DeviceAddress, Seq)>, StoreError> {
    sqlx::query(
        "SELECT devices.device, devices.account, members.acknowledged
         FROM members JOIN devices ON devices.key = members.device WHERE members.chat = ? AND members.active",
    )
    .bind(chat)
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| Ok((read_address(row)?, seq(row, "acknowledged")?)))
    .collect()
}

/// The Commits from a position on, the last one first.
async fn read_commits(
    connection: &mut SqliteConnection,
    chat: i64,
    since: Seq,
) -> Result<Vec<KeptCommit>, StoreError> {
    sqlx::query(
        "SELECT commit_changes.epoch, commit_changes.seq, commit_changes.accepted_at, commit_changes.change,
             devices.device, devices.account
         FROM commit_changes JOIN devices ON devices.key = commit_changes.sender
         WHERE commit_changes.chat = ? AND commit_changes.seq >= ? ORDER BY commit_changes.epoch DESC",
    )
    .bind(chat)
    .bind(integer(since.0))
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        KeptCommit::new(
            Epoch(number(row, "epoch")?),
            seq(row, "seq")?,
            read_address(row)?,
            time(row, "accepted_at")?,
            row.try_get("change")?,
        )
    })
    .collect()
}

async fn is_taken_back(connection: &mut SqliteConnection, chat: i64, seq: Seq) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM entries WHERE chat = ? AND seq = ? AND kind = 3)")
            .bind(chat)
            .bind(integer(seq.0))
            .fetch_one(connection)
            .await?,
    )
}

/// Keeps an account's objection. Returns all that object.
async fn note(
    connection: &mut SqliteConnection,
    chat: i64,
    account: AccountId,
    seq: Seq,
) -> Result<BTreeSet<AccountId>, StoreError> {
    sqlx::query(
        "INSERT INTO objections (chat, account, seq) VALUES (?, ?, ?)
         ON CONFLICT (chat, account) DO UPDATE SET seq = excluded.seq",
    )
    .bind(chat)
    .bind(account.as_bytes().as_slice())
    .bind(integer(seq.0))
    .execute(&mut *connection)
    .await?;
    sqlx::query("SELECT account FROM objections WHERE chat = ? AND seq = ?")
        .bind(chat)
        .bind(integer(seq.0))
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| id(row, "account"))
        .collect()
}

/// Makes members and parties what they were before a Commit; whatever came after it is undone already.
async fn undo(connection: &mut SqliteConnection, chat: i64, commit: &KeptCommit) -> Result<(), StoreError> {
    let KeptCommit { change, from, .. } = commit;
    member::remove_members(connection, chat, change.added.clone()).await?;
    let mut removed = JsonRows::new();
    for leaf in &change.removed {
        removed.row(|row| {
            row.number(leaf.device);
            row.number(leaf.acknowledged);
            row.number(i64::from(leaf.active));
        });
    }
    if !removed.is_empty() {
        sqlx::query(
            "INSERT INTO members (chat, device, acknowledged, active)
             SELECT ?, devices.key, leaf.value ->> 1, (leaf.value ->> 2) AND NOT devices.departed
             FROM json_each(?) AS leaf CROSS JOIN devices ON devices.key = leaf.value ->> 0",
        )
        .bind(chat)
        .bind(removed.finish())
        .execute(&mut *connection)
        .await?;
    }
    if let Some(invitation) = change.used {
        super::invitation::give_back(connection, chat, invitation, from.account).await?;
    }
    member::remove_parties(connection, chat, &change.newcomers).await?;
    member::add_parties(connection, chat, change.gone.iter().copied()).await
}

/// Empties the entries from the Commit on. Returns its id.
async fn void_entries(
    connection: &mut SqliteConnection,
    chat: i64,
    since: Seq,
) -> Result<MessageId, StoreError> {
    sqlx::query(
        "DELETE FROM timed_payloads WHERE (expires_at, chat, seq) IN (
             SELECT accepted_at + retention * 1000, chat, seq FROM entries
             WHERE chat = ? AND seq >= ? AND retention IS NOT NULL)",
    )
    .bind(chat)
    .bind(integer(since.0))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE entries SET kind = 3, payload = x'', retention = NULL, expires_at = NULL
         WHERE chat = ? AND seq >= ?",
    )
    .bind(chat)
    .bind(integer(since.0))
    .execute(&mut *connection)
    .await?;
    let row = sqlx::query("SELECT message FROM entries WHERE chat = ? AND seq = ?")
        .bind(chat)
        .bind(integer(since.0))
        .fetch_one(connection)
        .await?;
    id(&row, "message")
}

/// Notes that a Commit of the account was taken back.
async fn refuse(connection: &mut SqliteConnection, chat: i64, account: AccountId) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refused_accounts (chat, account, times) VALUES (?, ?, 1)
         ON CONFLICT (chat, account) DO UPDATE SET times = min(times + 1, 100)",
    )
    .bind(chat)
    .bind(account.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

/// What is not needed any more.
async fn forget(connection: &mut SqliteConnection, chat: i64, since: Seq) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM commit_changes WHERE chat = ? AND seq >= ?")
        .bind(chat)
        .bind(integer(since.0))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM objections WHERE chat = ?")
        .bind(chat)
        .execute(connection)
        .await?;
    Ok(())
}
