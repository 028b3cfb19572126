-- +goose Up
-- Social claiming: who promised what of a wish, and the donors' pool. Names,
-- numbers and words are sealed in body.
ALTER TABLE wish ADD COLUMN claimed REAL NOT NULL DEFAULT 0;
ALTER TABLE wish ADD COLUMN open_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wish ADD COLUMN fulfilled_at INTEGER NOT NULL DEFAULT 0;
UPDATE wish SET open_since = created_at;
CREATE TABLE claim (
  id INTEGER PRIMARY KEY,
  wish TEXT NOT NULL REFERENCES wish(number),
  citizen TEXT NOT NULL,
  claimant TEXT NOT NULL,
  share REAL NOT NULL,
  status TEXT NOT NULL, -- held confirmed delivered released
  at INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL DEFAULT 0,
  delivered_at INTEGER NOT NULL DEFAULT 0,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (citizen, key)
);
CREATE INDEX claim_wish ON claim(wish, id);
CREATE INDEX claim_held ON claim(at) WHERE status = 'held';
CREATE TABLE donor (
  citizen TEXT NOT NULL,
  key TEXT NOT NULL,
  claimant TEXT NOT NULL,
  town TEXT NOT NULL,
  need TEXT NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (citizen, key)
) WITHOUT ROWID;
CREATE INDEX donor_need ON donor(need, town);

-- +goose Down
DROP TABLE donor; DROP TABLE claim;
ALTER TABLE wish DROP COLUMN claimed; ALTER TABLE wish DROP COLUMN open_since; ALTER TABLE wish DROP COLUMN fulfilled_at;
