-- +goose Up
-- What citizens say of a visit, and that they were asked. stars is 0 until they
-- said something; body seals their own words.
CREATE TABLE opinion (
  number TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  asked_at INTEGER NOT NULL DEFAULT 0,
  over INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL DEFAULT 0,
  stars INTEGER NOT NULL DEFAULT 0,
  body BLOB
) WITHOUT ROWID;
CREATE INDEX opinion_asked ON opinion(asked_at) WHERE over = 0;
INSERT INTO opinion (number, citizen, over, stars) SELECT number, citizen, 1, rating FROM appointment WHERE rating > 0;

-- +goose Down
DROP TABLE opinion;
