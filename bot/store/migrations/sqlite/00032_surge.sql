-- +goose Up
-- Sudden events: many reports of one matter in one town in a short time.
CREATE TABLE surge (
  id INTEGER PRIMARY KEY,
  category TEXT NOT NULL,
  town TEXT NOT NULL,
  at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  usual REAL NOT NULL
);
CREATE INDEX surge_at ON surge(at);
CREATE INDEX ticket_matter ON ticket(category, town, created_at) WHERE kind = 'report';

-- +goose Down
DROP INDEX ticket_matter; DROP TABLE surge;
