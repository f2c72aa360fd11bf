-- Archives: an account's history as ciphertext, chat by chat.

-- What an index or a segment holds: written once, never changed, named by the row that it belongs to. A segment that is timed is
-- sealed with the key of its time.
CREATE TABLE archive_contents (
    key INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

-- Contents that no row names any more and that are still to be erased.
CREATE TABLE condemned_contents (
    content INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE archives (
    key INTEGER PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    chat BLOB NOT NULL,
    revision INTEGER NOT NULL,
    -- A hash of the write that made this revision: by it a repetition is known.
    written BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    index_bytes INTEGER NOT NULL,
    index_content INTEGER NOT NULL,
    UNIQUE (account, chat)
) STRICT;
CREATE INDEX archives_by_time ON archives (account, updated_at, chat);

CREATE TABLE archive_segments (
    archive INTEGER NOT NULL REFERENCES archives ON DELETE CASCADE,
    segment BLOB NOT NULL,
    -- As the account sent it.
    bytes INTEGER NOT NULL,
    -- When it is erased, and the width of the bucket whose key it is sealed with; NULL: kept.
    ends_at INTEGER,
    width INTEGER,
    content INTEGER NOT NULL,
    PRIMARY KEY (archive, segment)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_segments_by_end ON archive_segments (ends_at) WHERE ends_at IS NOT NULL;

-- However a row goes, with its account too, what it named is erased.
CREATE TRIGGER archive_deleted AFTER DELETE ON archives BEGIN
    INSERT INTO condemned_contents (content) VALUES (old.index_content);
END;
CREATE TRIGGER archive_index_replaced AFTER UPDATE OF index_content ON archives BEGIN
    INSERT INTO condemned_contents (content) VALUES (old.index_content);
END;
CREATE TRIGGER archive_segment_deleted AFTER DELETE ON archive_segments BEGIN
    INSERT INTO condemned_contents (content) VALUES (old.content);
END;

-- What each account has: the sums over its archives.
CREATE TABLE stored_archives (
    account BLOB PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    bytes INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    chats INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which device is about to write an archive, and until when it may be believed to be.
CREATE TABLE archive_claims (
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    chat BLOB NOT NULL,
    device BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (account, chat)
) STRICT, WITHOUT ROWID;

-- Keys of timed segments, by when the last one under them is over. A key that is gone takes its segments along, in gaps of pages
-- and in every copy.
CREATE TABLE retention_keys (
    ends_at INTEGER NOT NULL,
    width INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (ends_at, width)
) STRICT, WITHOUT ROWID;
