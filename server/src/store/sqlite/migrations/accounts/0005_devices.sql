-- A device's name, sealed for the account's own devices.
ALTER TABLE devices ADD COLUMN name BLOB;

-- What the recovery code logs in with. Accounts that are older than this column have none.
ALTER TABLE accounts ADD COLUMN recovery_key BLOB;

-- Offers of devices to let a new one into their account: one an account, for a few minutes.
CREATE TABLE device_links (
    account BLOB PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    link BLOB NOT NULL UNIQUE,
    device BLOB NOT NULL REFERENCES devices ON DELETE CASCADE,
    login_key BLOB NOT NULL,
    vault BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_links_by_device ON device_links (device);
CREATE INDEX device_links_by_expiry ON device_links (expires_at);
