-- Accounts that a program speaks for.
ALTER TABLE accounts ADD COLUMN bot INTEGER NOT NULL DEFAULT 0;

-- Bots, also those that are yet to be registered: their names are kept for them.
CREATE TABLE bots (
    name TEXT PRIMARY KEY,
    -- SHA-256 of what its token shows when it is registered (protocol/src/bot.rs).
    token_hash BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    -- An account, which may be gone; NULL: the command line.
    made_by BLOB,
    -- NULL until it is registered.
    account BLOB UNIQUE REFERENCES accounts ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
