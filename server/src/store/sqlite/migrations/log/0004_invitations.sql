-- Which accounts have come in by which invite link of a group. Rows go when the group's rules have the invitation no more.
CREATE TABLE invitation_uses (
    chat INTEGER NOT NULL,
    invitation BLOB NOT NULL,
    account BLOB NOT NULL,
    PRIMARY KEY (chat, invitation, account)
) STRICT, WITHOUT ROWID;
