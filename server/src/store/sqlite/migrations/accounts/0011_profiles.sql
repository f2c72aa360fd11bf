-- More of profiles, and how people are found.

ALTER TABLE accounts ADD COLUMN place TEXT NOT NULL DEFAULT '';
-- A point of the grid of CoarseLocation.
ALTER TABLE accounts ADD COLUMN cell INTEGER;
ALTER TABLE accounts ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE accounts ADD COLUMN picture BLOB;
ALTER TABLE accounts ADD COLUMN small_picture BLOB;
ALTER TABLE accounts ADD COLUMN cover BLOB;
-- Whether `people` says what this row does. The server sees to it when it starts: it alone knows how texts are folded.
ALTER TABLE accounts ADD COLUMN searchable INTEGER NOT NULL DEFAULT 0;
CREATE INDEX unsearchable_accounts ON accounts (account) WHERE searchable = 0;

CREATE TABLE pictures (
    picture BLOB PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    jpeg BLOB NOT NULL
) STRICT;
CREATE INDEX pictures_by_account ON pictures (account);

-- Whom searches find: the listed accounts, with what they are found by, folded.
CREATE TABLE people (
    name TEXT PRIMARY KEY,
    -- Its row in people_grams.
    number INTEGER NOT NULL UNIQUE,
    account BLOB NOT NULL UNIQUE REFERENCES accounts ON DELETE CASCADE,
    display_name TEXT NOT NULL,
    -- What it says about itself, and where it is.
    words TEXT NOT NULL,
    cell INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX people_by_cell ON people (cell, name) WHERE cell IS NOT NULL;

-- Which people have which grams (store/people/grams.rs): the grams alone, as words of hexadecimal digits.
CREATE VIRTUAL TABLE people_grams USING fts5 (grams, content = '', detail = 'none', tokenize = 'ascii');

DROP INDEX accounts_by_search;
