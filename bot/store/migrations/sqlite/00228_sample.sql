-- +goose Up
-- A conversation that a supervisor looked over, with the score sheet: marks of
-- 0 to 5, one for each line of the sheet, and words sealed with the citizen's.
CREATE TABLE sample (
  handoff INTEGER NOT NULL,
  by_staff TEXT NOT NULL,
  citizen TEXT NOT NULL,
  operator TEXT NOT NULL,
  town TEXT NOT NULL DEFAULT '',
  marks TEXT NOT NULL,
  at INTEGER NOT NULL,
  body BLOB,
  PRIMARY KEY (handoff, by_staff)
);

-- +goose Down
DROP TABLE sample;
