-- Archives: an account's history as ciphertext, chat by chat.

-- What an index or a segment holds: written once, never changed, named by the row that it belongs to. A segment that is timed is
-- sealed with the key of its time.
CREATE TABLE archive_contents (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sealed bytea NOT NULL
);
-- Ciphertext does not compress.
ALTER TABLE archive_contents ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Contents that no row names any more and that are still to be erased.
CREATE TABLE condemned_contents (
    content bigint PRIMARY KEY
);

CREATE TABLE archives (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    chat bytea NOT NULL,
    revision bigint NOT NULL,
    -- A hash of the write that made this revision: by it a repetition is known.
    written bytea NOT NULL,
    updated_at bigint NOT NULL,
    index_bytes bigint NOT NULL,
    index_content bigint NOT NULL,
    UNIQUE (account, chat)
);
CREATE INDEX archives_by_time ON archives (account, updated_at, chat);

CREATE TABLE archive_segments (
    archive bigint NOT NULL REFERENCES archives ON DELETE CASCADE,
    segment bytea NOT NULL,
    -- As the account sent it.
    bytes bigint NOT NULL,
    -- When it is erased, and the width of the bucket whose key it is sealed with; NULL: kept.
    ends_at bigint,
    width bigint,
    content bigint NOT NULL,
    PRIMARY KEY (archive, segment)
);
CREATE INDEX archive_segments_by_end ON archive_segments (ends_at) WHERE ends_at IS NOT NULL;

-- However a row goes, what it named is erased: with its account too, by a server that does not know these tables.
CREATE FUNCTION condemn_index() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO condemned_contents (content) VALUES (OLD.index_content);
    RETURN NULL;
END $$;
CREATE FUNCTION condemn_segment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO condemned_contents (content) VALUES (OLD.content);
    RETURN NULL;
END $$;
CREATE TRIGGER archive_deleted AFTER DELETE ON archives
    FOR EACH ROW EXECUTE FUNCTION condemn_index();
CREATE TRIGGER archive_index_replaced AFTER UPDATE OF index_content ON archives
    FOR EACH ROW EXECUTE FUNCTION condemn_index();
CREATE TRIGGER archive_segment_deleted AFTER DELETE ON archive_segments
    FOR EACH ROW EXECUTE FUNCTION condemn_segment();

-- What each account has: the sums over its archives.
CREATE TABLE stored_archives (
    account bytea PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    bytes bigint NOT NULL,
    segments bigint NOT NULL,
    chats bigint NOT NULL
);

-- Which device is about to write an archive, and until when it may be believed to be.
CREATE TABLE archive_claims (
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    chat bytea NOT NULL,
    device bytea NOT NULL,
    ends_at bigint NOT NULL,
    PRIMARY KEY (account, chat)
);

-- Keys of timed segments, by when the last one under them is over. A key that is gone takes its segments along, in this table, in
-- the write-ahead log and in every copy.
CREATE TABLE retention_keys (
    ends_at bigint NOT NULL,
    width bigint NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (ends_at, width)
);
