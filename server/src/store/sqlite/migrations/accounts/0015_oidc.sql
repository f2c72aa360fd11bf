-- Who is known at the OpenID provider, and which account is linked with them.
CREATE TABLE oidc_subjects (
    -- SHA-256 of the issuer and what it calls the subject.
    subject BLOB PRIMARY KEY,
    account BLOB UNIQUE REFERENCES accounts ON DELETE SET NULL,
    linked_at INTEGER,
    -- Whether an account was once made in the place of an invite.
    registered INTEGER NOT NULL
) STRICT;
