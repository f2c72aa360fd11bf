//! Objections to Commits, and how one is taken back. Whoever does either holds the chat's head, as a writer does.

use super::PostgresLog;
use super::load::read_rules;
use super::member::{add_parties, remove_members, remove_parties};
use crate::store::objection::{
    Hearing, KeptCommit, Objected, Objection, RemovedLeaf, TakenBack, commits_since, rules_before,
};
use crate::store::postgres::column::{address, id, integer, number, seq, time};
use crate::store::{StoreError, stored_rules};
use sotto_protocol::frame::Reversal;
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress, Epoch, MessageId, Seq};
use sqlx::Row;
use sqlx::postgres::PgConnection;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The chat in question.
struct Chat {
    key: i64,
    epoch: Epoch,
    rules: Option<Arc<ChatRules>>,
    last: Seq,
    members: Vec<(DeviceAddress, Seq)>,
}

impl PostgresLog {
    pub(super) async fn hear(&self, objection: Objection) -> Result<Option<Objected>, StoreError> {
        let Objection { chat, from, seq, at } = objection;
        let mut transaction = self.database.begin().await?;
        let Some(found) = hold_chat(&mut transaction, chat).await? else {
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
        let reversed_at = found.last.next();
        sqlx::query(
            "WITH moved AS (
                 UPDATE heads SET last_seq = $2, epoch = $3, members_version = members_version + 1 WHERE chat = $1),
             emptied AS (UPDATE group_infos SET group_info = '' WHERE chat = $1)
             UPDATE chats SET rules = $4 WHERE key = $1",
        )
        .bind(found.key)
        .bind(integer(reversed_at.0))
        .bind(integer(reversal.epoch.0))
        .bind(stored_rules::write(&rules)?)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE entries SET kind = 3, payload = '', retention = NULL, expires_at = NULL
             WHERE chat = $1 AND seq >= $2",
        )
        .bind(found.key)
        .bind(integer(seq.0))
        .execute(&mut *transaction)
        .await?;
        let row = sqlx::query(
            "INSERT INTO entries (chat, seq, sender, accepted_at, tag, kind, message, payload)
             SELECT chat, $3, sender, $4, tag, 4, message, $5 FROM entries WHERE chat = $1 AND seq = $2
             RETURNING message",
        )
        .bind(found.key)
        .bind(integer(seq.0))
        .bind(integer(reversed_at.0))
        .bind(integer(at.0))
        .bind(reversal.encode().as_slice())
        .fetch_one(&mut *transaction)
        .await?;
        let message: MessageId = id(&row, "message")?;
        refuse(&mut transaction, found.key, commit.from.account).await?;
        forget(&mut transaction, found.key, seq).await?;
        let after = read_members(&mut transaction, found.key).await?;
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

/// The chat. Until the transaction ends no node writes to it.
async fn hold_chat(connection: &mut PgConnection, chat: ChatId) -> Result<Option<Chat>, StoreError> {
    let row = sqlx::query(
        "SELECT chats.key, heads.epoch, heads.last_seq, chats.rules,
             (SELECT group_info FROM group_infos WHERE group_infos.chat = chats.key) AS group_info
         FROM chats JOIN heads ON heads.chat = chats.key WHERE chats.chat = $1 FOR NO KEY UPDATE OF heads",
    )
    .bind(chat.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let key = row.try_get("key")?;
    // The rest of the row may be older than the lock: what a Commit changes is read after it.
    let row = sqlx::query(
        "SELECT heads.epoch, heads.last_seq, chats.rules,
             (SELECT group_info FROM group_infos WHERE group_infos.chat = chats.key) AS group_info
         FROM chats JOIN heads ON heads.chat = chats.key WHERE chats.key = $1",
    )
    .bind::<i64>(key)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Chat {
        key,
        epoch: Epoch(number(&row, "epoch")?),
        rules: read_rules(&row)?,
        last: seq(&row, "last_seq")?,
        members: read_members(connection, key).await?,
    }))
}

async fn read_members(
    connection: &mut PgConnection,
    chat: i64,
) -> Result<Vec<(DeviceAddress, Seq)>, StoreError> {
    sqlx::query(
        "SELECT devices.device, devices.account, members.acknowledged
         FROM members JOIN devices ON devices.key = members.device WHERE members.chat = $1 AND members.active",
    )
    .bind(chat)
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| Ok((address(row)?, seq(row, "acknowledged")?)))
    .collect()
}

/// The Commits from a position on, the last one first.
async fn read_commits(
    connection: &mut PgConnection,
    chat: i64,
    since: Seq,
) -> Result<Vec<KeptCommit>, StoreError> {
    sqlx::query(
        "SELECT commit_changes.epoch, commit_changes.seq, commit_changes.accepted_at, commit_changes.change,
             devices.device, devices.account
         FROM commit_changes JOIN devices ON devices.key = commit_changes.sender
         WHERE commit_changes.chat = $1 AND commit_changes.seq >= $2 ORDER BY commit_changes.epoch DESC",
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
            address(row)?,
            time(row, "accepted_at")?,
            row.try_get("change")?,
        )
    })
    .collect()
}

async fn is_taken_back(connection: &mut PgConnection, chat: i64, seq: Seq) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM entries WHERE chat = $1 AND seq = $2 AND kind = 3)")
            .bind(chat)
            .bind(integer(seq.0))
            .fetch_one(connection)
            .await?,
    )
}

/// Keeps an account's objection. Returns all that object.
async fn note(
    connection: &mut PgConnection,
    chat: i64,
    account: AccountId,
    seq: Seq,
) -> Result<BTreeSet<AccountId>, StoreError> {
    sqlx::query(
        "INSERT INTO objections (chat, account, seq) VALUES ($1, $2, $3)
         ON CONFLICT (chat, account) DO UPDATE SET seq = excluded.seq",
    )
    .bind(chat)
    .bind(account.as_bytes().as_slice())
    .bind(integer(seq.0))
    .execute(&mut *connection)
    .await?;
    sqlx::query("SELECT account FROM objections WHERE chat = $1 AND seq = $2")
        .bind(chat)
        .bind(integer(seq.0))
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| id(row, "account"))
        .collect()
}

/// Makes members and parties what they were before a Commit; whatever came after it is undone already.
async fn undo(connection: &mut PgConnection, chat: i64, commit: &KeptCommit) -> Result<(), StoreError> {
    let KeptCommit { change, from, .. } = commit;
    if !change.added.is_empty() {
        remove_members(connection, chat, &change.added).await?;
    }
    if !change.removed.is_empty() {
        let column = |value: fn(&RemovedLeaf) -> i64| change.removed.iter().map(value).collect::<Vec<i64>>();
        let active: Vec<bool> = change.removed.iter().map(|leaf| leaf.active).collect();
        let devices = column(|leaf| leaf.device);
        // Until the transaction ends none of them departs.
        sqlx::query("SELECT FROM devices WHERE key = ANY($1) ORDER BY key FOR SHARE")
            .bind(&devices)
            .fetch_all(&mut *connection)
            .await?;
        sqlx::query(
            "INSERT INTO members (chat, device, acknowledged, active)
             SELECT $1, devices.key, leaf.acknowledged, leaf.active AND NOT devices.departed
             FROM unnest($2::bigint[], $3::bigint[], $4::boolean[]) AS leaf (device, acknowledged, active)
             JOIN devices ON devices.key = leaf.device",
        )
        .bind(chat)
        .bind(&devices)
        .bind(column(|leaf| leaf.acknowledged))
        .bind(active)
        .execute(&mut *connection)
        .await?;
    }
    if let Some(invitation) = change.used {
        super::invitation::give_back(connection, chat, invitation, from.account).await?;
    }
    remove_parties(connection, chat, &change.newcomers).await?;
    add_parties(connection, chat, change.gone.iter().copied()).await
}

/// Notes that a Commit of the account was taken back.
async fn refuse(connection: &mut PgConnection, chat: i64, account: AccountId) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refused_accounts AS refused (chat, account, times) VALUES ($1, $2, 1)
         ON CONFLICT (chat, account) DO UPDATE SET times = least(refused.times + 1, 100)",
    )
    .bind(chat)
    .bind(account.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

/// What is not needed any more.
async fn forget(connection: &mut PgConnection, chat: i64, since: Seq) -> Result<(), StoreError> {
    sqlx::query(
        "WITH changes AS (DELETE FROM commit_changes WHERE chat = $1 AND seq >= $2)
         DELETE FROM objections WHERE chat = $1",
    )
    .bind(chat)
    .bind(integer(since.0))
    .execute(connection)
    .await?;
    Ok(())
}
