-- +goose Up
-- What operators write often, and what they mark conversations with.
CREATE TABLE quick_reply (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  by_staff TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tag (
  citizen TEXT NOT NULL,
  name TEXT NOT NULL,
  by_staff TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (citizen, name)
) WITHOUT ROWID;
CREATE INDEX handoff_at ON handoff(at);
CREATE INDEX handoff_citizen ON handoff(citizen, id);

-- +goose Down
DROP TABLE quick_reply; DROP TABLE tag; DROP INDEX handoff_at; DROP INDEX handoff_citizen;
