-- Groups: where they are, what they say of themselves, who wants to join. Who is in them, and who may do what, is in their
-- log shards.

CREATE TABLE groups (
    chat bytea PRIMARY KEY,
    creator_account bytea NOT NULL,
    creator_device bytea NOT NULL,
    shard bigint NOT NULL,
    -- 0 reserved, 1 created, 2 being deleted, 3 deleted: an id is never given out again.
    state bigint NOT NULL,
    reserved_at bigint NOT NULL
);
CREATE INDEX groups_being_deleted ON groups (chat) WHERE state = 2;

CREATE TABLE group_profiles (
    chat bytea PRIMARY KEY REFERENCES groups,
    revision bigint NOT NULL,
    profile bytea NOT NULL,
    signature bytea NOT NULL,
    -- In lower case by Unicode's rules; compared by bytes, whatever the database's locale.
    title_folded text COLLATE "C" NOT NULL,
    description_folded text COLLATE "C" NOT NULL
);
CREATE INDEX group_profiles_by_title ON group_profiles (title_folded, chat);

CREATE TABLE join_requests (
    chat bytea NOT NULL REFERENCES groups,
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    key_package bytea NOT NULL,
    requested_at bigint NOT NULL,
    PRIMARY KEY (chat, account)
);
CREATE INDEX join_requests_by_account ON join_requests (account);
CREATE INDEX join_requests_by_time ON join_requests (requested_at);
