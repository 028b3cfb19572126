-- +goose Up
-- The second factor of desk accounts: an authenticator app's secret, sealed, and
-- the step of the last code that was taken; codes for when the telephone is
-- lost, hashed. A session whose stage is not empty is one that has shown a
-- password only.
CREATE TABLE factor (
  staff TEXT PRIMARY KEY REFERENCES staff(name) ON DELETE CASCADE,
  secret BLOB NOT NULL,
  confirmed_at INTEGER NOT NULL DEFAULT 0,
  last_step INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE recovery (
  staff TEXT NOT NULL REFERENCES factor(staff) ON DELETE CASCADE,
  hash BLOB NOT NULL,
  PRIMARY KEY (staff, hash)
) WITHOUT ROWID;
ALTER TABLE session ADD COLUMN stage TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE session DROP COLUMN stage;
DROP TABLE recovery;
DROP TABLE factor;
