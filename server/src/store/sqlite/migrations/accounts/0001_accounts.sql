-- Accounts and all that belongs to them. Ids, keys and hashes are blobs; times are milliseconds since the Unix epoch.

CREATE TABLE installation (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id BLOB NOT NULL
) STRICT;
INSERT INTO installation VALUES (1, randomblob(16));

CREATE TABLE accounts (
    account BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL DEFAULT '',
    -- In lower case by Unicode's rules, which SQLite's own functions do not know.
    display_name_folded TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '',
    identity_key BLOB NOT NULL,
    opaque_record BLOB NOT NULL,
    vault_by_password BLOB NOT NULL,
    vault_by_recovery_code BLOB NOT NULL,
    device_list BLOB NOT NULL,
    device_list_signature BLOB NOT NULL,
    device_list_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A search for a substring reads this index and no row.
CREATE INDEX accounts_by_search ON accounts (name, display_name_folded, display_name);

-- Deleted accounts: name and id are never given out again.
CREATE TABLE retired_accounts (
    account BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    retired_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    device BLOB PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    device_key BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_by_account ON devices (account, enrolled_at, device);

-- Removed devices: an id is never given out again. `departing` while a log shard may still know the device.
CREATE TABLE retired_devices (
    device BLOB PRIMARY KEY,
    account BLOB NOT NULL,
    retired_at INTEGER NOT NULL,
    departing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX departing_devices ON retired_devices (retired_at) WHERE departing = 1;

CREATE TABLE sessions (
    session BLOB PRIMARY KEY,
    device BLOB NOT NULL REFERENCES devices ON DELETE CASCADE,
    account BLOB NOT NULL,
    family_hash BLOB NOT NULL UNIQUE,
    latest_hash BLOB NOT NULL,
    previous_hash BLOB,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_device ON sessions (device);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE spent_logins (
    login BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_logins_by_expiry ON spent_logins (expires_at);

CREATE TABLE key_packages (
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL REFERENCES devices ON DELETE CASCADE,
    suite INTEGER NOT NULL,
    last_resort INTEGER NOT NULL,
    key_package BLOB NOT NULL,
    published_at INTEGER NOT NULL
) STRICT;
CREATE INDEX key_packages_by_device ON key_packages (device, suite, last_resort, id);

CREATE TABLE server_secrets (
    name TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- How many chats each log shard has been given.
CREATE TABLE shards (
    shard INTEGER PRIMARY KEY,
    chats INTEGER NOT NULL
) STRICT;

CREATE TABLE direct_chats (
    lower_account BLOB NOT NULL,
    higher_account BLOB NOT NULL,
    chat BLOB NOT NULL UNIQUE,
    creator_device BLOB NOT NULL,
    shard INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    reserved_at INTEGER NOT NULL,
    PRIMARY KEY (lower_account, higher_account)
) STRICT, WITHOUT ROWID;
