-- Commits can be taken back.

-- What each of a chat's last Commits changed, by the epoch that it began. A server of the version before writes none: what has
-- such a Commit after it is not taken back.
CREATE TABLE commit_changes (
    chat bigint NOT NULL REFERENCES chats,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    sender bigint NOT NULL REFERENCES devices,
    accepted_at bigint NOT NULL,
    change bytea NOT NULL,
    PRIMARY KEY (chat, epoch)
);

-- Accounts that cannot accept the Commit at this position. An account's next objection replaces it.
CREATE TABLE objections (
    chat bigint NOT NULL REFERENCES chats,
    account bytea NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (chat, account)
);

-- Accounts of whose Commits to a chat some were taken back, and how often. Changes with `heads.members_version`.
CREATE TABLE refused_accounts (
    chat bigint NOT NULL REFERENCES chats,
    account bytea NOT NULL,
    times smallint NOT NULL,
    PRIMARY KEY (chat, account)
);

-- From here on `entries.kind` may be 3, taken back, and 4, the entry that says so; `group_infos.group_info` is empty from when a
-- Commit was taken back to the next.
