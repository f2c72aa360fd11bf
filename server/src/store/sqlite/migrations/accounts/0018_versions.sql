-- Versions of what is public: they change with it, whoever changes it, and what was read before is as good as new while they stay.

ALTER TABLE accounts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER accounts_change_version
AFTER UPDATE OF display_name, about, place, cell, listed, picture, small_picture, cover, identity_key, device_list,
    device_list_signature ON accounts
BEGIN
    UPDATE accounts SET version = version + 1 WHERE account = new.account;
END;

ALTER TABLE communities ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER communities_change_version
AFTER UPDATE OF title, topics, place, cell, description, picture, small_picture, cover, members ON communities
BEGIN
    UPDATE communities SET version = version + 1 WHERE community = new.community;
END;
