-- What lets newcomers create accounts where only the invited may.
CREATE TABLE invites (
    invite BLOB PRIMARY KEY,
    -- SHA-256 of the code, which is kept nowhere.
    hash BLOB NOT NULL UNIQUE,
    uses_left INTEGER NOT NULL,
    note TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- NULL: whoever has the server's command line.
    made_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_by_expiry ON invites (expires_at);
