-- What members have reported to those who look after the server.
CREATE TABLE reports (
    report BLOB NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    reporter BLOB NOT NULL,
    -- 0: a message, 1: an account, 2: a group.
    kind INTEGER NOT NULL,
    -- Where the message was said; the group.
    chat BLOB,
    -- Who has said the message; the account.
    account BLOB,
    is_proven INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    comment TEXT NOT NULL,
    -- What the message and its edits say, in the clear: a reporter has shown it.
    said BLOB,
    -- What is reported, which an account does once. NULL once another report of the same is welcome.
    once BLOB,
    handled_at INTEGER,
    -- NULL: whoever has the server's command line.
    handled_by BLOB,
    -- 0: dismissed, 1: acted.
    outcome INTEGER,
    note TEXT,
    UNIQUE (reporter, once)
) STRICT;
CREATE INDEX reports_open ON reports (at, report) WHERE handled_at IS NULL;
CREATE INDEX reports_handled ON reports (handled_at, report) WHERE handled_at IS NOT NULL;
