-- What roles permit, as bits. `administrator` has the one that is everything, and no other role has it.
CREATE TABLE roles (
    role TEXT PRIMARY KEY,
    permissions INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO roles (role, permissions) VALUES ('member', 0), ('moderator', 60), ('administrator', 2147483648);

-- Which accounts have another role than `member`.
CREATE TABLE account_roles (
    account BLOB PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    role TEXT NOT NULL REFERENCES roles CHECK (role <> 'member')
) STRICT, WITHOUT ROWID;
CREATE INDEX account_roles_by_role ON account_roles (role);

-- Accounts that the server does not let in.
CREATE TABLE bans (
    account BLOB PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    reason TEXT NOT NULL,
    banned_at INTEGER NOT NULL,
    -- NULL: it does not end by itself.
    ends_at INTEGER,
    -- NULL: whoever has the server's command line.
    banned_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX bans_by_end ON bans (ends_at) WHERE ends_at IS NOT NULL;

-- What those have done who administer, in the order in which it was done. It outlives those whom it is about: names are never given
-- to anybody else.
CREATE TABLE admin_acts (
    act INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- NULL: whoever has the server's command line.
    by_account BLOB,
    by_name TEXT,
    -- Whom it is about, if it is about an account.
    subject BLOB,
    -- JSON: what the interface calls AdminChange.
    change TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX admin_acts_by_account ON admin_acts (by_account, act) WHERE by_account IS NOT NULL;
CREATE INDEX admin_acts_by_subject ON admin_acts (subject, act) WHERE subject IS NOT NULL;
CREATE TRIGGER admin_acts_stay_as_they_are BEFORE UPDATE ON admin_acts BEGIN
    SELECT RAISE(ABORT, 'the audit log is never changed');
END;
CREATE TRIGGER admin_acts_stay BEFORE DELETE ON admin_acts BEGIN
    SELECT RAISE(ABORT, 'the audit log is never changed');
END;
