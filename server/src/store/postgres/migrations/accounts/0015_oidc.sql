-- Who is known at the OpenID provider, and which account is linked with them.
CREATE TABLE oidc_subjects (
    -- SHA-256 of the issuer and what it calls the subject.
    subject bytea PRIMARY KEY,
    account bytea UNIQUE REFERENCES accounts ON DELETE SET NULL,
    linked_at bigint,
    -- Whether an account was once made in the place of an invite.
    registered boolean NOT NULL
);
