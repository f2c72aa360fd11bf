-- Communities: what they say, who is in them, and who is not let in.
CREATE TABLE communities (
    community BLOB PRIMARY KEY,
    title TEXT NOT NULL,
    -- Each between two characters U+001F.
    topics TEXT NOT NULL,
    place TEXT NOT NULL,
    -- A point of the grid of CoarseLocation.
    cell INTEGER,
    description TEXT NOT NULL,
    picture BLOB,
    small_picture BLOB,
    cover BLOB,
    created_at INTEGER NOT NULL,
    members INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX communities_by_time ON communities (created_at, community, cell) WHERE cell IS NOT NULL;

-- Whoever could take the id of a community that was deleted would be taken for it.
CREATE TABLE retired_communities (
    community BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE community_members (
    community BLOB NOT NULL REFERENCES communities ON DELETE CASCADE,
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- 0: member, 1: moderator, 2: founder.
    role INTEGER NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (community, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX community_members_in_order ON community_members (community, role DESC, joined_at, account);
CREATE INDEX community_members_by_account ON community_members (account, role);
CREATE UNIQUE INDEX community_founders ON community_members (community) WHERE role = 2;

CREATE TABLE community_bans (
    community BLOB NOT NULL REFERENCES communities ON DELETE CASCADE,
    account BLOB NOT NULL REFERENCES accounts ON DELETE CASCADE,
    banned_at INTEGER NOT NULL,
    PRIMARY KEY (community, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX community_bans_by_account ON community_bans (account);

CREATE TABLE community_pictures (
    picture BLOB PRIMARY KEY,
    community BLOB NOT NULL REFERENCES communities ON DELETE CASCADE,
    jpeg BLOB NOT NULL
) STRICT;
CREATE INDEX community_pictures_by_community ON community_pictures (community);

-- Which groups are of a community: their rules say so too.
CREATE TABLE community_groups (
    community BLOB NOT NULL REFERENCES communities ON DELETE CASCADE,
    chat BLOB NOT NULL UNIQUE REFERENCES groups,
    PRIMARY KEY (community, chat)
) STRICT, WITHOUT ROWID;

-- What communities are found by, folded, in the order of their titles (store/community/entry.rs).
CREATE TABLE community_entries (
    name TEXT PRIMARY KEY,
    -- Its row in community_grams.
    number INTEGER NOT NULL UNIQUE,
    community BLOB NOT NULL UNIQUE REFERENCES communities ON DELETE CASCADE,
    display_name TEXT NOT NULL,
    -- What it says about itself, and where it is.
    words TEXT NOT NULL,
    topics TEXT NOT NULL,
    cell INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX community_entries_by_cell ON community_entries (cell, name) WHERE cell IS NOT NULL;

-- Which communities are about a topic, in the order of their titles.
CREATE TABLE community_topics (
    topic TEXT NOT NULL,
    name TEXT NOT NULL REFERENCES community_entries ON DELETE CASCADE,
    PRIMARY KEY (topic, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX community_topics_by_name ON community_topics (name);

-- As people_grams.
CREATE VIRTUAL TABLE community_grams USING fts5 (grams, content = '', detail = 'none', tokenize = 'ascii');

-- Ordinary members may found communities (Permission::CreateCommunities), unless their role is changed.
UPDATE roles SET permissions = permissions | 1 WHERE role = 'member';
