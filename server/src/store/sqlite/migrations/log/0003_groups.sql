-- Chats have rules, which say what kind they are and who may do what.

-- As in the chat's GroupInfo, and NULL of direct chats that are older than this migration: theirs are in their GroupInfo
-- alone.
ALTER TABLE chats ADD COLUMN rules BLOB;
ALTER TABLE chats DROP COLUMN lower_account;
ALTER TABLE chats DROP COLUMN higher_account;

-- From here on `members` has a row for each leaf of a chat's MLS tree. A device that is gone from its account, or whose
-- account has left the group, is not active: it is in the chat no more, and its leaf waits for a Commit that removes it.
ALTER TABLE members ADD COLUMN active INTEGER NOT NULL DEFAULT 1;

CREATE INDEX parties_by_chat ON parties (chat);
CREATE INDEX welcomes_by_chat ON welcomes (chat);

-- A Welcome for several devices, once for all of them. It goes with the last device that has not acknowledged it.
CREATE TABLE shared_welcomes (
    id INTEGER PRIMARY KEY,
    welcome BLOB NOT NULL
) STRICT;
-- NULL if `welcome` has it.
ALTER TABLE welcomes ADD COLUMN shared INTEGER REFERENCES shared_welcomes;
CREATE INDEX welcomes_by_shared ON welcomes (shared) WHERE shared IS NOT NULL;
CREATE TRIGGER shared_welcome_is_done AFTER DELETE ON welcomes WHEN old.shared IS NOT NULL
BEGIN
    DELETE FROM shared_welcomes
    WHERE id = old.shared AND NOT EXISTS (SELECT 1 FROM welcomes WHERE welcomes.shared = old.shared);
END;

-- Deleted chats, of which entries may be left, by their keys. They stay: no other chat is to have the key.
CREATE TABLE deleted_chats (
    key INTEGER PRIMARY KEY,
    erasing INTEGER NOT NULL
) STRICT;
CREATE INDEX chats_being_erased ON deleted_chats (key) WHERE erasing = 1;
