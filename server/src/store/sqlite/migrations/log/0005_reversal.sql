-- Commits can be taken back.

-- What each of a chat's last Commits changed, by the epoch that it began.
CREATE TABLE commit_changes (
    chat INTEGER NOT NULL REFERENCES chats,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sender INTEGER NOT NULL REFERENCES devices,
    accepted_at INTEGER NOT NULL,
    change BLOB NOT NULL,
    PRIMARY KEY (chat, epoch)
) STRICT, WITHOUT ROWID;

-- Accounts that cannot accept the Commit at this position. An account's next objection replaces it.
CREATE TABLE objections (
    chat INTEGER NOT NULL REFERENCES chats,
    account BLOB NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (chat, account)
) STRICT, WITHOUT ROWID;

-- Accounts of whose Commits to a chat some were taken back, and how often.
CREATE TABLE refused_accounts (
    chat INTEGER NOT NULL REFERENCES chats,
    account BLOB NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (chat, account)
) STRICT, WITHOUT ROWID;

-- From here on `entries.kind` may be 3, taken back, and 4, the entry that says so; `group_infos.group_info` is empty from when a
-- Commit was taken back to the next.
