-- Reports of a community, whose `kind` is 3: their `account` is who had founded it.
ALTER TABLE reports ADD COLUMN community BLOB;
-- What it was called.
ALTER TABLE reports ADD COLUMN title TEXT;
