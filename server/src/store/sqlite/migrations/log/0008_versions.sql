-- Of a chat's GroupInfo: what was read of it before is as good as new while this stays. It stands here, where it is read without
-- going through a GroupInfo.
ALTER TABLE chats ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER group_infos_change_version AFTER UPDATE ON group_infos
BEGIN
    UPDATE chats SET version = version + 1 WHERE key = new.chat;
END;
