-- One shard of the log. Ids are blobs at the edge of the schema and small integers inside it: the index of entries is
-- three quarters of what an append costs.

-- Which installation's shard this is; `tag_key` keys the tags of entries.
CREATE TABLE shard (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    installation BLOB NOT NULL,
    shard INTEGER NOT NULL,
    tag_key BLOB NOT NULL
) STRICT;

CREATE TABLE chats (
    key INTEGER PRIMARY KEY,
    chat BLOB NOT NULL UNIQUE,
    lower_account BLOB NOT NULL,
    higher_account BLOB NOT NULL,
    creator_device BLOB NOT NULL,
    suite INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE parties (
    account BLOB NOT NULL,
    chat INTEGER NOT NULL REFERENCES chats,
    PRIMARY KEY (account, chat)
) STRICT, WITHOUT ROWID;

-- Chat ids that were given up before the chat was created.
CREATE TABLE fenced_chats (
    chat BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE group_infos (
    chat INTEGER PRIMARY KEY REFERENCES chats,
    group_info BLOB NOT NULL
) STRICT;

-- Every device that is or was in a chat of this shard. A member may declare what it likes to be a device of its account:
-- only both ids together are a device, so a false claim never stands in the way of the true one. A departed device never
-- enters a chat again, even by a Commit that was on its way when it departed.
CREATE TABLE devices (
    key INTEGER PRIMARY KEY,
    device BLOB NOT NULL,
    account BLOB NOT NULL,
    departed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (device, account)
) STRICT;

-- The devices that are in a chat, and their cursors.
CREATE TABLE members (
    chat INTEGER NOT NULL REFERENCES chats,
    device INTEGER NOT NULL REFERENCES devices,
    acknowledged INTEGER NOT NULL,
    PRIMARY KEY (chat, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_device ON members (device, chat);

CREATE TABLE welcomes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device INTEGER NOT NULL REFERENCES devices,
    chat INTEGER NOT NULL REFERENCES chats,
    after_seq INTEGER NOT NULL,
    sender INTEGER NOT NULL REFERENCES devices,
    welcome BLOB NOT NULL
) STRICT;
CREATE INDEX welcomes_by_device ON welcomes (device, chat);

CREATE TABLE markers (
    chat INTEGER NOT NULL REFERENCES chats,
    device INTEGER NOT NULL REFERENCES devices,
    marker BLOB NOT NULL,
    PRIMARY KEY (chat, device)
) STRICT, WITHOUT ROWID;

-- Append-only but for erased payloads. `seq` runs 1, 2, 3, … in each chat, without gaps. `tag` is 32 bits of a keyed hash
-- of the sending device and its message id. It is in the index of positions so that all tags of a chat can be read
-- without its rows: they are how a retry is recognised, with no index of their own to write.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    chat INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    tag INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    message BLOB NOT NULL,
    accepted_at INTEGER NOT NULL,
    -- Seconds, or NULL to keep.
    retention INTEGER,
    -- When the payload is to be erased; NULL if never, and when it was.
    expires_at INTEGER,
    -- 0 application message, 1 Commit, 2 deleted.
    kind INTEGER NOT NULL,
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX entries_by_position ON entries (chat, seq, tag);
CREATE INDEX entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
