-- What lets newcomers create accounts where only the invited may.
CREATE TABLE invites (
    invite bytea PRIMARY KEY,
    -- SHA-256 of the code, which is kept nowhere.
    hash bytea NOT NULL UNIQUE,
    uses_left bigint NOT NULL,
    note text NOT NULL,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- NULL: whoever has the server's command line.
    made_by bytea
);
CREATE INDEX invites_by_expiry ON invites (expires_at);
