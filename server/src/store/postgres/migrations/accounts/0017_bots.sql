-- Accounts that a program speaks for.
ALTER TABLE accounts ADD COLUMN bot boolean NOT NULL DEFAULT false;

-- Bots, also those that are yet to be registered: their names are kept for them.
CREATE TABLE bots (
    name text COLLATE "C" PRIMARY KEY,
    -- SHA-256 of what its token shows when it is registered (protocol/src/bot.rs).
    token_hash bytea NOT NULL,
    made_at bigint NOT NULL,
    -- An account, which may be gone; NULL: the command line.
    made_by bytea,
    -- NULL until it is registered.
    account bytea UNIQUE REFERENCES accounts ON DELETE CASCADE
);
