-- More of profiles, and how people are found.

ALTER TABLE accounts
    ADD COLUMN place text NOT NULL DEFAULT '',
    -- A point of the grid of CoarseLocation.
    ADD COLUMN cell integer,
    ADD COLUMN listed boolean NOT NULL DEFAULT true,
    ADD COLUMN picture bytea,
    ADD COLUMN small_picture bytea,
    ADD COLUMN cover bytea,
    -- Whether `people` says what this row does. A server sees to it when it starts: it alone knows how texts are folded.
    ADD COLUMN searchable boolean NOT NULL DEFAULT false;
CREATE INDEX unsearchable_accounts ON accounts (account) WHERE NOT searchable;

CREATE TABLE pictures (
    picture bytea PRIMARY KEY,
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    jpeg bytea NOT NULL
);
-- It is compressed already.
ALTER TABLE pictures ALTER COLUMN jpeg SET STORAGE EXTERNAL;
CREATE INDEX pictures_by_account ON pictures (account);

-- Whom searches find: the listed accounts, with what they are found by, folded.
CREATE TABLE people (
    name text COLLATE "C" PRIMARY KEY,
    account bytea NOT NULL UNIQUE REFERENCES accounts ON DELETE CASCADE,
    display_name text COLLATE "C" NOT NULL,
    -- What it says about itself, and where it is.
    words text COLLATE "C" NOT NULL,
    cell integer,
    -- Which grams it has (store/people/grams.rs).
    grams integer[] NOT NULL
);
CREATE INDEX people_by_cell ON people (cell, name) WHERE cell IS NOT NULL;
-- Without a list of what is still to be sorted in: profiles change seldom, and every search would read it.
CREATE INDEX people_by_grams ON people USING gin (grams) WITH (fastupdate = off);

DROP INDEX accounts_by_search;
