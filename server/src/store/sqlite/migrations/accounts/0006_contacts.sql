-- Whom accounts block, private records of accounts, and what keeps a stock of KeyPackages from being drained.

CREATE TABLE blocks (
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    blocked BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    blocked_at INTEGER NOT NULL,
    PRIMARY KEY (account, blocked)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_by_blocked ON blocks (blocked, account);

CREATE TABLE account_records (
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    record BLOB NOT NULL,
    revision INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (account, record)
) STRICT;

-- Who began the chat; NULL of chats that are older than this migration.
ALTER TABLE direct_chats ADD COLUMN creator_account BLOB;
CREATE INDEX direct_chats_by_creator ON direct_chats (creator_account, reserved_at) WHERE creator_account IS NOT NULL;

-- Of a last resort: whether it was handed out.
ALTER TABLE key_packages ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
CREATE INDEX key_packages_by_time ON key_packages (published_at);
