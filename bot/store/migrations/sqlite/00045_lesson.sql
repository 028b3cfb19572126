-- +goose Up
-- What people said an utterance asked for, to be learnt from once a person has
-- accepted it. The words have no particulars left and are sealed all the same,
-- under the citizen's key; digest finds the same words corrected the same way.
CREATE TABLE lesson (
  id INTEGER PRIMARY KEY,
  citizen TEXT NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  was TEXT NOT NULL,
  intent TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 1,
  status TEXT NOT NULL DEFAULT 'open',
  decider TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL DEFAULT 0,
  digest BLOB NOT NULL,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX lesson_open ON lesson(digest) WHERE status = 'open';
CREATE INDEX lesson_status ON lesson(status, id);
CREATE INDEX lesson_citizen ON lesson(citizen, status);

-- +goose Down
DROP TABLE lesson;
