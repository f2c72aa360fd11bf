-- Where devices can be woken that are not connected. A subscription ends with the session that made it.
CREATE TABLE notification_subscriptions (
    device bytea PRIMARY KEY,
    account bytea NOT NULL,
    session bytea NOT NULL UNIQUE REFERENCES sessions ON DELETE CASCADE,
    endpoint text COLLATE "C" NOT NULL,
    p256dh bytea NOT NULL,
    auth bytea NOT NULL,
    -- Ids, one after the other.
    quiet_chats bytea NOT NULL
);
