-- Groups: where they are, what they say of themselves, who wants to join. Who is in them, and who may do what, is in their
-- log shards.

CREATE TABLE groups (
    chat BLOB PRIMARY KEY,
    creator_account BLOB NOT NULL,
    creator_device BLOB NOT NULL,
    shard INTEGER NOT NULL,
    -- 0 reserved, 1 created, 2 being deleted, 3 deleted: an id is never given out again.
    state INTEGER NOT NULL,
    reserved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX groups_being_deleted ON groups (chat) WHERE state = 2;

CREATE TABLE group_profiles (
    chat BLOB PRIMARY KEY REFERENCES groups,
    revision INTEGER NOT NULL,
    profile BLOB NOT NULL,
    signature BLOB NOT NULL,
    -- In lower case by Unicode's rules, which SQLite's own functions do not know.
    title_folded TEXT NOT NULL,
    description_folded TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- A search for a substring reads this index and no row.
CREATE INDEX group_profiles_by_title ON group_profiles (title_folded, chat, description_folded);

CREATE TABLE join_requests (
    chat BLOB NOT NULL REFERENCES groups,
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    key_package BLOB NOT NULL,
    requested_at INTEGER NOT NULL,
    PRIMARY KEY (chat, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX join_requests_by_account ON join_requests (account);
CREATE INDEX join_requests_by_time ON join_requests (requested_at);
