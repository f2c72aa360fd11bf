-- People are gone through as they came, and not by name (store/people/number.rs), and have a gram of the region where they are
-- (store/people/grams.rs): a server makes all of them searchable anew when it starts.
TRUNCATE people;
UPDATE accounts SET searchable = false WHERE searchable;

-- What searches go through stands in the indexes themselves, in the order in which they go: the rows are wide, for their grams, and nowhere near
-- each other.
ALTER TABLE people
    ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY,
    -- What of `words` has room in an index: all, or nothing.
    ADD COLUMN short_words text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN octet_length(words) <= 1000 THEN words END) STORED;
CREATE UNIQUE INDEX people_by_number ON people (number) INCLUDE (name, display_name, short_words);
DROP INDEX people_by_cell;
CREATE INDEX people_by_cell ON people (cell, number) INCLUDE (name, display_name, short_words) WHERE cell IS NOT NULL;
