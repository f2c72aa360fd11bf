-- What roles permit, as bits. `administrator` has the one that is everything, and no other role has it.
CREATE TABLE roles (
    -- In the order of bytes, as everywhere else.
    role text COLLATE "C" PRIMARY KEY,
    permissions bigint NOT NULL
);
INSERT INTO roles (role, permissions) VALUES ('member', 0), ('moderator', 60), ('administrator', 2147483648);

-- Which accounts have another role than `member`.
CREATE TABLE account_roles (
    account bytea PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    role text COLLATE "C" NOT NULL REFERENCES roles CHECK (role <> 'member')
);
CREATE INDEX account_roles_by_role ON account_roles (role);

-- Accounts that the server does not let in.
CREATE TABLE bans (
    account bytea PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    reason text NOT NULL,
    banned_at bigint NOT NULL,
    -- NULL: it does not end by itself.
    ends_at bigint,
    -- NULL: whoever has the server's command line.
    banned_by bytea
);
CREATE INDEX bans_by_end ON bans (ends_at) WHERE ends_at IS NOT NULL;

-- What those have done who administer, in the order in which it was done. It outlives those whom it is about: names are never given
-- to anybody else.
CREATE TABLE admin_acts (
    act bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    -- NULL: whoever has the server's command line.
    by_account bytea,
    by_name text,
    -- Whom it is about, if it is about an account.
    subject bytea,
    -- JSON: what the interface calls AdminChange.
    change text NOT NULL,
    reason text NOT NULL
);
CREATE INDEX admin_acts_by_account ON admin_acts (by_account, act) WHERE by_account IS NOT NULL;
CREATE INDEX admin_acts_by_subject ON admin_acts (subject, act) WHERE subject IS NOT NULL;
CREATE FUNCTION refuse_to_change_admin_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed';
END
$$;
CREATE TRIGGER admin_acts_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_acts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_admin_acts();
