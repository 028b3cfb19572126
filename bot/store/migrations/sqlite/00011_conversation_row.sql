-- +goose Up
-- Rows by number and an index beside them: a state of more than a kilobyte
-- does not fit into a page of a table kept by citizen, and every save wrote a
-- page of its own for the rest.
CREATE TABLE conversation_row (
  citizen TEXT PRIMARY KEY REFERENCES citizen(id),
  version INTEGER NOT NULL,
  handling TEXT NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  updated_at INTEGER NOT NULL,
  state BLOB NOT NULL
);
INSERT INTO conversation_row SELECT citizen, version, handling, operator, updated_at, state FROM conversation;
DROP TABLE conversation;
ALTER TABLE conversation_row RENAME TO conversation;

-- +goose Down
CREATE TABLE conversation_key (
  citizen TEXT PRIMARY KEY REFERENCES citizen(id),
  version INTEGER NOT NULL,
  handling TEXT NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  updated_at INTEGER NOT NULL,
  state BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO conversation_key SELECT citizen, version, handling, operator, updated_at, state FROM conversation;
DROP TABLE conversation;
ALTER TABLE conversation_key RENAME TO conversation;
