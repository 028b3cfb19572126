-- +goose Up
-- The public claiming list. Nothing here is a particular: the text is composed
-- of category and amount.
CREATE TABLE wish (
  number TEXT PRIMARY KEY REFERENCES ticket(number),
  town TEXT NOT NULL,
  category TEXT NOT NULL,
  text TEXT NOT NULL,
  amount REAL NOT NULL,
  status TEXT NOT NULL,
  claimed_by TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX wish_open ON wish(town, created_at) WHERE status = 'open';

-- +goose Down
DROP TABLE wish;
