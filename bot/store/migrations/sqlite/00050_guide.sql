-- +goose Up
-- Guides as they were imported or edited, every version kept; the last is in
-- force. The starter set comes with the program and stands here only once it
-- was changed.
CREATE TABLE guide_version (
  seq INTEGER PRIMARY KEY,
  guide TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_staff TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  UNIQUE (guide, version)
);
-- Questions the guides did not answer well, for the gap report. The words are
-- sealed under the citizen's key: deleting the citizen makes them unreadable.
CREATE TABLE missed (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  citizen TEXT NOT NULL,
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  guide TEXT NOT NULL DEFAULT '',
  field TEXT NOT NULL DEFAULT '',
  score INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
);
CREATE INDEX missed_at ON missed(at);

-- +goose Down
DROP TABLE guide_version; DROP TABLE missed;
