-- One shard of the log. Ids are bytea at the edge of the schema and small integers inside it.

-- The oldest migration that a server may be at and still use these tables: see docs/databases.md.
CREATE TABLE compatibility (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    oldest bigint NOT NULL
);
INSERT INTO compatibility (oldest) VALUES (1);

-- Which installation's shard this is; `tag_key` keys the tags of entries.
CREATE TABLE shard (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    installation bytea NOT NULL,
    shard bigint NOT NULL,
    tag_key bytea NOT NULL
);

-- What of a chat never changes.
CREATE TABLE chats (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chat bytea NOT NULL UNIQUE,
    lower_account bytea NOT NULL,
    higher_account bytea NOT NULL,
    creator_device bytea NOT NULL,
    suite bigint NOT NULL,
    created_at bigint NOT NULL
);

-- What changes with each entry and each Commit. Whoever writes to a chat holds its row. Narrow, half empty pages: each
-- update finds room beside the row it replaces, so that no index has to be written.
CREATE TABLE heads (
    chat bigint PRIMARY KEY REFERENCES chats,
    last_seq bigint NOT NULL,
    epoch bigint NOT NULL,
    -- Goes up with each change of the members, so that nodes can remember them.
    members_version bigint NOT NULL
) WITH (fillfactor = 45);

CREATE TABLE parties (
    account bytea NOT NULL,
    chat bigint NOT NULL REFERENCES chats,
    PRIMARY KEY (account, chat)
);

-- Chat ids that were given up before the chat was created.
CREATE TABLE fenced_chats (
    chat bytea PRIMARY KEY
);

CREATE TABLE group_infos (
    chat bigint PRIMARY KEY REFERENCES chats,
    group_info bytea NOT NULL
);
ALTER TABLE group_infos ALTER COLUMN group_info SET STORAGE EXTERNAL;

-- Every device that is or was in a chat of this shard. A member may declare what it likes to be a device of its account:
-- only both ids together are a device, so a false claim never stands in the way of the true one. A departed device never
-- enters a chat again, even by a Commit that was on its way when it departed.
CREATE SEQUENCE device_keys MAXVALUE 1099511627775;
-- A node draws a block of keys and gives them to the devices that Commits bring in, without asking for each.
CREATE SEQUENCE device_key_blocks START 1099511627776 INCREMENT 1048576;
CREATE TABLE devices (
    key bigint PRIMARY KEY DEFAULT nextval('device_keys'),
    device bytea NOT NULL,
    account bytea NOT NULL,
    departed boolean NOT NULL DEFAULT false,
    UNIQUE (device, account)
);

-- The devices that are in a chat, and their cursors.
CREATE TABLE members (
    chat bigint NOT NULL REFERENCES chats,
    device bigint NOT NULL REFERENCES devices,
    acknowledged bigint NOT NULL,
    PRIMARY KEY (chat, device)
) WITH (fillfactor = 70);
CREATE INDEX members_by_device ON members (device, chat);

CREATE TABLE welcomes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device bigint NOT NULL REFERENCES devices,
    chat bigint NOT NULL REFERENCES chats,
    after_seq bigint NOT NULL,
    sender bigint NOT NULL REFERENCES devices,
    welcome bytea NOT NULL
);
ALTER TABLE welcomes ALTER COLUMN welcome SET STORAGE EXTERNAL;
CREATE INDEX welcomes_by_device ON welcomes (device, chat);

CREATE TABLE markers (
    chat bigint NOT NULL REFERENCES chats,
    device bigint NOT NULL REFERENCES devices,
    marker bytea NOT NULL,
    PRIMARY KEY (chat, device)
) WITH (fillfactor = 70);

-- Keys of timed payloads, by when the last payload under them is over. A key that is gone takes its payloads along, in this
-- table, in the write-ahead log and in every copy.
CREATE TABLE retention_keys (
    ends_at bigint NOT NULL,
    width bigint NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (ends_at, width)
);

-- Append-only but for erased payloads. `seq` runs 1, 2, 3, … in each chat, without gaps. `tag` is 32 bits of a keyed hash
-- of the sending device and its message id. It is in the index of positions so that all tags of a chat can be read
-- without its rows: they are how a retry is recognised, with no index of their own to write.
CREATE TABLE entries (
    chat bigint NOT NULL,
    seq bigint NOT NULL,
    sender bigint NOT NULL,
    accepted_at bigint NOT NULL,
    -- When the payload is to be erased; NULL if never, and when it was.
    expires_at bigint,
    tag integer NOT NULL,
    -- Seconds, or NULL to keep.
    retention integer,
    -- 0 application message, 1 Commit, 2 deleted.
    kind smallint NOT NULL,
    message bytea NOT NULL,
    -- Of a timed entry: sealed with the key of its time.
    payload bytea NOT NULL,
    PRIMARY KEY (chat, seq) INCLUDE (tag)
) PARTITION BY HASH (chat);
-- Ciphertext does not compress.
ALTER TABLE entries ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
-- A few bytes for each 128 KiB of rows: enough to find the newest.
CREATE INDEX entries_by_time ON entries USING brin (accepted_at) WITH (pages_per_range = 16, autosummarize = on);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE entries_%s PARTITION OF entries FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
END
$$;
