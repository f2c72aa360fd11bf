-- Payloads that are to be erased, by when: each page of this table is given back as soon as all on it is over. In `entries`,
-- where rows stay, what an UPDATE frees of a page is not used again.
CREATE TABLE timed_payloads (
    expires_at INTEGER NOT NULL,
    chat INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (expires_at, chat, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO timed_payloads (expires_at, chat, seq, payload)
    SELECT expires_at, chat, seq, payload FROM entries WHERE expires_at IS NOT NULL;
-- From here on `entries.expires_at` stays as it is, and says where the payload is, or was.
UPDATE entries SET payload = x'' WHERE expires_at IS NOT NULL;
DROP INDEX entries_by_expiry;
