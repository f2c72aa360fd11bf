-- Whom accounts block, private records of accounts, and what keeps a stock of KeyPackages from being drained.

CREATE TABLE blocks (
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    blocked bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    blocked_at bigint NOT NULL,
    PRIMARY KEY (account, blocked)
);
CREATE INDEX blocks_by_blocked ON blocks (blocked, account);

CREATE TABLE account_records (
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    record bytea NOT NULL,
    revision bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (account, record)
);
-- Ciphertext does not compress.
ALTER TABLE account_records ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Who began the chat; NULL of chats that are older than this migration, or that an older server creates beside newer ones.
ALTER TABLE direct_chats ADD COLUMN creator_account bytea;
CREATE INDEX direct_chats_by_creator ON direct_chats (creator_account, reserved_at) WHERE creator_account IS NOT NULL;

-- Of a last resort: whether it was handed out.
ALTER TABLE key_packages ADD COLUMN used boolean NOT NULL DEFAULT false;
CREATE INDEX key_packages_by_time ON key_packages (published_at);
