-- +goose Up
-- Who may file through GeoReport: the key is kept as a hash, with how many
-- reports a day it is good for.
CREATE TABLE api_key (
  hash BLOB PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  quota INTEGER NOT NULL,
  day TEXT NOT NULL DEFAULT '',
  used INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
-- Which key filed which ticket, and the token it may be asked for by.
CREATE TABLE api_request (
  ticket TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  token BLOB
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_request_token ON api_request(token) WHERE token IS NOT NULL;
CREATE INDEX step_at ON step(at);

-- +goose Down
DROP INDEX step_at; DROP TABLE api_request; DROP TABLE api_key;
