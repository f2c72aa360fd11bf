-- People are gone through as they came, and not by name (store/people/number.rs), and have a gram of the region where they are
-- (store/people/grams.rs): the server makes all of them searchable anew when it starts.
DROP TABLE people;
INSERT INTO people_grams (people_grams) VALUES ('delete-all');
UPDATE accounts SET searchable = 0 WHERE searchable = 1;

-- Whom searches find: the listed accounts, with what they are found by, folded.
CREATE TABLE people (
    -- Its row in people_grams.
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    account BLOB NOT NULL UNIQUE REFERENCES accounts ON DELETE CASCADE,
    display_name TEXT NOT NULL,
    -- What it says about itself, and where it is.
    words TEXT NOT NULL,
    cell INTEGER
) STRICT;
CREATE INDEX people_by_cell ON people (cell, number) WHERE cell IS NOT NULL;
