-- Whether the other account of a direct chat has blocked this one: what it sends is refused.
ALTER TABLE parties ADD COLUMN silenced boolean NOT NULL DEFAULT false;
CREATE INDEX silenced_parties ON parties (chat) WHERE silenced;
