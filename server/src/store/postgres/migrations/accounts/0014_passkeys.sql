-- What accounts log in with beside the password, and the copy of the account's root that each of them opens.
CREATE TABLE passkeys (
    -- SHA-256 of `credential`.
    passkey bytea PRIMARY KEY,
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- The id that the authenticator gave it.
    credential bytea NOT NULL,
    -- COSE_Key (RFC 9052), and its algorithm.
    public_key bytea NOT NULL,
    algorithm bigint NOT NULL,
    counter bigint NOT NULL,
    vault bytea NOT NULL,
    name bytea NOT NULL,
    added_at bigint NOT NULL,
    -- NULL: never.
    used_at bigint
);
CREATE INDEX passkeys_by_account ON passkeys (account, added_at, passkey);
