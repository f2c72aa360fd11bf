-- Where devices can be woken that are not connected. A subscription ends with the session that made it.
CREATE TABLE notification_subscriptions (
    device BLOB PRIMARY KEY,
    account BLOB NOT NULL,
    session BLOB NOT NULL UNIQUE REFERENCES sessions ON DELETE CASCADE,
    endpoint TEXT NOT NULL,
    p256dh BLOB NOT NULL,
    auth BLOB NOT NULL,
    -- Ids, one after the other.
    quiet_chats BLOB NOT NULL
) STRICT;
