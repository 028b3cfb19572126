-- +goose Up
-- Appeals against a stop of bookings. body seals who and why, and the answer.
CREATE TABLE appeal (
  id INTEGER PRIMARY KEY,
  citizen TEXT NOT NULL,
  person BLOB NOT NULL,
  at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  missed INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'open',
  by TEXT NOT NULL DEFAULT '',
  decided_at INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX appeal_open ON appeal(person) WHERE status = 'open';
CREATE INDEX appeal_citizen ON appeal(citizen);

-- +goose Down
DROP TABLE appeal;
