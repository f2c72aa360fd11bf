-- Keys of timed payloads, by when the last payload under them is over. A key that is gone takes its payloads along, in gaps of
-- pages and in every copy.
CREATE TABLE retention_keys (
    ends_at INTEGER NOT NULL,
    width INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (ends_at, width)
) STRICT, WITHOUT ROWID;

-- Timed payloads, sealed, by when they are over: pages are given back as time goes by. In `entries`, where rows stay, what
-- erasing frees of a page is not used again.
CREATE TABLE timed_payloads (
    expires_at INTEGER NOT NULL,
    chat INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (expires_at, chat, seq)
) STRICT, WITHOUT ROWID;

-- From here on an entry is over when its retention is, its own payload is empty, and `entries.expires_at` is of entries alone
-- that were accepted before.
