-- +goose Up
-- What one administrator proposes and another approves, for everybody and for
-- a while: our own words, nobody's particulars.
CREATE TABLE switch (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  topic TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  text_en TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,
  until INTEGER NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  approved_by TEXT NOT NULL DEFAULT '',
  approved_at INTEGER NOT NULL DEFAULT 0,
  end_by TEXT NOT NULL DEFAULT '',
  ended_by TEXT NOT NULL DEFAULT '',
  ended_at INTEGER NOT NULL DEFAULT 0,
  CHECK (approved_by = '' OR approved_by <> proposed_by),
  CHECK (ended_by = '' OR ended_by <> end_by)
);

-- +goose Down
DROP TABLE switch;
