-- Blobs: the bytes are in objects (files, or objects of a bucket), the truth about them is here.

CREATE TABLE blobs (
    blob BLOB PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts,
    upload BLOB NOT NULL,
    size INTEGER NOT NULL,
    received INTEGER NOT NULL,
    -- NULL: kept.
    retention_seconds INTEGER,
    created_at INTEGER NOT NULL,
    -- When it is deleted: an upload that nothing is added to, a whole blob that is not kept.
    ends_at INTEGER,
    UNIQUE (account, upload)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_by_end ON blobs (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE blob_segments (
    blob BLOB NOT NULL REFERENCES blobs,
    segment INTEGER NOT NULL,
    object BLOB NOT NULL UNIQUE,
    PRIMARY KEY (blob, segment)
) STRICT, WITHOUT ROWID;

-- Objects that are still to be deleted.
CREATE TABLE condemned_objects (
    object BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What each account has: the sums over `blobs`.
CREATE TABLE stored_blobs (
    account BLOB PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    bytes INTEGER NOT NULL,
    blobs INTEGER NOT NULL,
    uploads INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
