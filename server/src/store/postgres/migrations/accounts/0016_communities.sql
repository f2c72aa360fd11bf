-- Communities: what they say, who is in them, and who is not let in.
CREATE TABLE communities (
    community bytea PRIMARY KEY,
    title text NOT NULL,
    -- Each between two characters U+001F.
    topics text NOT NULL,
    place text NOT NULL,
    -- A point of the grid of CoarseLocation.
    cell integer,
    description text NOT NULL,
    picture bytea,
    small_picture bytea,
    cover bytea,
    created_at bigint NOT NULL,
    members bigint NOT NULL DEFAULT 0
);
CREATE INDEX communities_by_time ON communities (created_at, community) INCLUDE (cell) WHERE cell IS NOT NULL;

-- Whoever could take the id of a community that was deleted would be taken for it.
CREATE TABLE retired_communities (
    community bytea PRIMARY KEY
);

CREATE TABLE community_members (
    community bytea NOT NULL REFERENCES communities ON DELETE CASCADE,
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- 0: member, 1: moderator, 2: founder.
    role bigint NOT NULL,
    joined_at bigint NOT NULL,
    PRIMARY KEY (community, account)
);
CREATE INDEX community_members_in_order ON community_members (community, role DESC, joined_at, account);
CREATE INDEX community_members_by_account ON community_members (account, role);
CREATE UNIQUE INDEX community_founders ON community_members (community) WHERE role = 2;

CREATE TABLE community_bans (
    community bytea NOT NULL REFERENCES communities ON DELETE CASCADE,
    account bytea NOT NULL REFERENCES accounts ON DELETE CASCADE,
    banned_at bigint NOT NULL,
    PRIMARY KEY (community, account)
);
CREATE INDEX community_bans_by_account ON community_bans (account);

CREATE TABLE community_pictures (
    picture bytea PRIMARY KEY,
    community bytea NOT NULL REFERENCES communities ON DELETE CASCADE,
    jpeg bytea NOT NULL
);
-- It is compressed already.
ALTER TABLE community_pictures ALTER COLUMN jpeg SET STORAGE EXTERNAL;
CREATE INDEX community_pictures_by_community ON community_pictures (community);

-- Which groups are of a community: their rules say so too.
CREATE TABLE community_groups (
    community bytea NOT NULL REFERENCES communities ON DELETE CASCADE,
    chat bytea NOT NULL UNIQUE REFERENCES groups,
    PRIMARY KEY (community, chat)
);

-- What communities are found by, folded, in the order of their titles (store/community/entry.rs).
CREATE TABLE community_entries (
    name text COLLATE "C" PRIMARY KEY,
    community bytea NOT NULL UNIQUE REFERENCES communities ON DELETE CASCADE,
    display_name text COLLATE "C" NOT NULL,
    -- What it says about itself, and where it is.
    words text COLLATE "C" NOT NULL,
    topics text COLLATE "C" NOT NULL,
    cell integer,
    -- Which grams it has (store/people/grams.rs).
    grams integer[] NOT NULL
);
CREATE INDEX community_entries_by_cell ON community_entries (cell, name) WHERE cell IS NOT NULL;
-- As people_by_grams.
CREATE INDEX community_entries_by_grams ON community_entries USING gin (grams) WITH (fastupdate = off);

-- Which communities are about a topic, in the order of their titles.
CREATE TABLE community_topics (
    topic text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL REFERENCES community_entries ON DELETE CASCADE,
    PRIMARY KEY (topic, name)
);
CREATE INDEX community_topics_by_name ON community_topics (name);

-- Ordinary members may found communities (Permission::CreateCommunities), unless their role is changed.
UPDATE roles SET permissions = permissions | 1 WHERE role = 'member';
