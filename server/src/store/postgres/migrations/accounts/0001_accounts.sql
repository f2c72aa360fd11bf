-- Accounts and all that belongs to them. Ids, keys and hashes are bytea; times are milliseconds since the Unix epoch.

-- The oldest migration that a server may be at and still use these tables: see docs/databases.md.
CREATE TABLE compatibility (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    oldest bigint NOT NULL
);
INSERT INTO compatibility (oldest) VALUES (1);

CREATE TABLE installation (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    id bytea NOT NULL
);
INSERT INTO installation (id) VALUES (uuid_send(gen_random_uuid()));

CREATE TABLE accounts (
    account bytea PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    display_name text COLLATE "C" NOT NULL DEFAULT '',
    -- In lower case by the server's rules, which are the same whatever the database's locale is.
    display_name_folded text COLLATE "C" NOT NULL DEFAULT '',
    about text NOT NULL DEFAULT '',
    identity_key bytea NOT NULL,
    opaque_record bytea NOT NULL,
    vault_by_password bytea NOT NULL,
    vault_by_recovery_code bytea NOT NULL,
    device_list bytea NOT NULL,
    device_list_signature bytea NOT NULL,
    device_list_version bigint NOT NULL,
    created_at bigint NOT NULL
);

-- A search for a substring reads this index and no row.
CREATE INDEX accounts_by_search ON accounts (name) INCLUDE (account, display_name_folded, display_name);

-- Deleted accounts: name and id are never given out again.
CREATE TABLE retired_accounts (
    account bytea PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    retired_at bigint NOT NULL
);

CREATE TABLE devices (
    device bytea PRIMARY KEY,
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    device_key bytea NOT NULL,
    enrolled_at bigint NOT NULL,
    last_seen_at bigint NOT NULL
);
CREATE INDEX devices_by_account ON devices (account, enrolled_at, device);

-- Removed devices: an id is never given out again. `departing` while a log shard may still know the device.
CREATE TABLE retired_devices (
    device bytea PRIMARY KEY,
    account bytea NOT NULL,
    retired_at bigint NOT NULL,
    departing boolean NOT NULL
);
CREATE INDEX departing_devices ON retired_devices (retired_at) WHERE departing;

CREATE TABLE sessions (
    session bytea PRIMARY KEY,
    device bytea NOT NULL REFERENCES devices ON DELETE CASCADE,
    account bytea NOT NULL,
    family_hash bytea NOT NULL UNIQUE,
    latest_hash bytea NOT NULL,
    previous_hash bytea,
    expires_at bigint NOT NULL
);
CREATE INDEX sessions_by_device ON sessions (device);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE spent_logins (
    login bytea PRIMARY KEY,
    expires_at bigint NOT NULL
);
CREATE INDEX spent_logins_by_expiry ON spent_logins (expires_at);

CREATE TABLE key_packages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device bytea NOT NULL REFERENCES devices ON DELETE CASCADE,
    suite bigint NOT NULL,
    last_resort boolean NOT NULL,
    key_package bytea NOT NULL,
    published_at bigint NOT NULL
);
CREATE INDEX key_packages_by_device ON key_packages (device, suite, last_resort, id);

CREATE TABLE server_secrets (
    name text PRIMARY KEY,
    secret bytea NOT NULL
);

-- How many chats each log shard has been given: the sum of its stripes. A chat is counted in the stripe that its id
-- chooses, so that few reservations wait for each other.
CREATE TABLE shards (
    shard bigint NOT NULL,
    stripe bigint NOT NULL,
    chats bigint NOT NULL,
    PRIMARY KEY (shard, stripe)
);

CREATE TABLE direct_chats (
    lower_account bytea NOT NULL,
    higher_account bytea NOT NULL,
    chat bytea NOT NULL UNIQUE,
    creator_device bytea NOT NULL,
    shard bigint NOT NULL,
    confirmed boolean NOT NULL,
    reserved_at bigint NOT NULL,
    PRIMARY KEY (lower_account, higher_account)
);
