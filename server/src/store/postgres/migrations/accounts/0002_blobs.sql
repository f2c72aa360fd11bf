-- Blobs: the bytes are in objects (files, or objects of a bucket), the truth about them is here.

CREATE TABLE blobs (
    blob bytea PRIMARY KEY,
    account bytea NOT NULL REFERENCES accounts,
    upload bytea NOT NULL,
    size bigint NOT NULL,
    received bigint NOT NULL,
    -- NULL: kept.
    retention_seconds bigint,
    created_at bigint NOT NULL,
    -- When it is deleted: an upload that nothing is added to, a whole blob that is not kept.
    ends_at bigint,
    UNIQUE (account, upload)
);
CREATE INDEX blobs_by_end ON blobs (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE blob_segments (
    blob bytea NOT NULL REFERENCES blobs,
    segment bigint NOT NULL,
    object bytea NOT NULL UNIQUE,
    PRIMARY KEY (blob, segment)
);

-- Objects that are still to be deleted.
CREATE TABLE condemned_objects (
    object bytea PRIMARY KEY
);

-- What each account has: the sums over `blobs`.
CREATE TABLE stored_blobs (
    account bytea PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    bytes bigint NOT NULL,
    blobs bigint NOT NULL,
    uploads bigint NOT NULL
);
