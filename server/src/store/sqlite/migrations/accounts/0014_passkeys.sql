-- What accounts log in with beside the password, and the copy of the account's root that each of them opens.
CREATE TABLE passkeys (
    -- SHA-256 of `credential`.
    passkey BLOB PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- The id that the authenticator gave it.
    credential BLOB NOT NULL,
    -- COSE_Key (RFC 9052), and its algorithm.
    public_key BLOB NOT NULL,
    algorithm INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    vault BLOB NOT NULL,
    name BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    -- NULL: never.
    used_at INTEGER
) STRICT;
CREATE INDEX passkeys_by_account ON passkeys (account, added_at, passkey);
