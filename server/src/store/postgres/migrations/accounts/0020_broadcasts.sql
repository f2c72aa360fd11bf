-- In which group a few speak to everyone: of each community at most one, and one of the whole server.
CREATE TABLE broadcasts (
    chat BYTEA PRIMARY KEY REFERENCES groups,
    -- NULL: of the whole server.
    community BYTEA UNIQUE REFERENCES communities ON DELETE CASCADE
);
CREATE UNIQUE INDEX broadcast_of_server ON broadcasts ((community IS NULL)) WHERE community IS NULL;
