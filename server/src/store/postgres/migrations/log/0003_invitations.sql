-- Which accounts have come in by which invite link of a group. Rows go when the group's rules have the invitation no more.
CREATE TABLE invitation_uses (
    chat bigint NOT NULL,
    invitation bytea NOT NULL,
    account bytea NOT NULL,
    PRIMARY KEY (chat, invitation, account)
);
