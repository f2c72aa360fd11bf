-- Chats have rules, which say what kind they are and who may do what.

-- As in the chat's GroupInfo, and NULL of direct chats that are older than this migration, or that an older server creates
-- beside newer ones: theirs are in their GroupInfo alone. Changes with Commits, as `heads` does.
ALTER TABLE chats ADD COLUMN rules bytea;
-- Written for as long as servers of the version before read them.
ALTER TABLE chats ALTER COLUMN lower_account DROP NOT NULL;
ALTER TABLE chats ALTER COLUMN higher_account DROP NOT NULL;

-- From here on `members` has a row for each leaf of a chat's MLS tree. A device that is gone from its account, or whose
-- account has left the group, is not active: it is in the chat no more, and its leaf waits for a Commit that removes it.
ALTER TABLE members ADD COLUMN active boolean NOT NULL DEFAULT true;

CREATE INDEX parties_by_chat ON parties (chat);
CREATE INDEX welcomes_by_chat ON welcomes (chat);

-- Deleted chats of which entries are left, by their keys.
CREATE TABLE deleted_chats (
    key bigint PRIMARY KEY
);
