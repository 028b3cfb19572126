-- +goose Up
-- Words between a household and those who helped it. A social worker reads
-- each before it is passed on; what was said and what was passed on are sealed
-- in body under the key of whoever said it.
CREATE TABLE word (
  id INTEGER PRIMARY KEY,
  wish TEXT NOT NULL REFERENCES wish(number),
  side TEXT NOT NULL, -- household, claimant
  citizen TEXT NOT NULL,
  status TEXT NOT NULL, -- waiting, passed, kept
  at INTEGER NOT NULL,
  settled_at INTEGER NOT NULL DEFAULT 0,
  settled_by TEXT NOT NULL DEFAULT '',
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (citizen, key)
);
CREATE INDEX word_wish ON word(wish, id);
CREATE INDEX word_waiting ON word(at) WHERE status = 'waiting';

-- +goose Down
DROP TABLE word;
