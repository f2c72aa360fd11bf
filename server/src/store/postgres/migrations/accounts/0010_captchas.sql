-- Captchas whose solution was given, until it would be over in any case.
CREATE TABLE spent_captchas (
    challenge bytea PRIMARY KEY,
    expires_at bigint NOT NULL
);
CREATE INDEX spent_captchas_by_expiry ON spent_captchas (expires_at);
