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

-- A Welcome for several devices, once for all of them. It goes with the last device that has not acknowledged it.
CREATE TABLE shared_welcomes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    welcome bytea NOT NULL
);
ALTER TABLE shared_welcomes ALTER COLUMN welcome SET STORAGE EXTERNAL;
-- NULL if `welcome` has it.
ALTER TABLE welcomes ADD COLUMN shared bigint REFERENCES shared_welcomes;
CREATE INDEX welcomes_by_shared ON welcomes (shared) WHERE shared IS NOT NULL;
CREATE FUNCTION forget_shared_welcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Of several transactions that each delete one of the last, the last to come here sees that nobody is left.
    PERFORM FROM shared_welcomes WHERE id = old.shared FOR UPDATE;
    DELETE FROM shared_welcomes
    WHERE id = old.shared AND NOT EXISTS (SELECT FROM welcomes WHERE welcomes.shared = old.shared);
    RETURN NULL;
END
$$;
CREATE TRIGGER shared_welcome_is_done AFTER DELETE ON welcomes
    FOR EACH ROW WHEN (old.shared IS NOT NULL) EXECUTE FUNCTION forget_shared_welcome();

-- Deleted chats of which entries are left, by their keys.
CREATE TABLE deleted_chats (
    key bigint PRIMARY KEY
);
