-- What members have reported to those who look after the server.
CREATE TABLE reports (
    report bytea PRIMARY KEY,
    at bigint NOT NULL,
    reporter bytea NOT NULL,
    -- 0: a message, 1: an account, 2: a group.
    kind bigint NOT NULL,
    -- Where the message was said; the group.
    chat bytea,
    -- Who has said the message; the account.
    account bytea,
    is_proven boolean NOT NULL,
    reason bigint NOT NULL,
    comment text NOT NULL,
    -- What the message and its edits say, in the clear: a reporter has shown it.
    said bytea,
    -- What is reported, which an account does once. NULL once another report of the same is welcome.
    once bytea,
    handled_at bigint,
    -- NULL: whoever has the server's command line.
    handled_by bytea,
    -- 0: dismissed, 1: acted.
    outcome bigint,
    note text,
    UNIQUE (reporter, once)
);
CREATE INDEX reports_open ON reports (at, report) WHERE handled_at IS NULL;
CREATE INDEX reports_handled ON reports (handled_at, report) WHERE handled_at IS NOT NULL;
