-- +goose Up
-- Who is asked to take which conversation. A lease is by operator: what they
-- hold goes back to its place when no page of theirs has been connected since
-- alive_until.
ALTER TABLE handoff ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE handoff ADD COLUMN wanted TEXT NOT NULL DEFAULT '';
ALTER TABLE handoff ADD COLUMN offered_to TEXT NOT NULL DEFAULT '';
ALTER TABLE handoff ADD COLUMN offer_until INTEGER NOT NULL DEFAULT 0;
CREATE TABLE operator (
  staff TEXT PRIMARY KEY,
  state TEXT NOT NULL DEFAULT 'away',
  capacity INTEGER NOT NULL,
  skills TEXT NOT NULL DEFAULT '{}',
  alive_until INTEGER NOT NULL DEFAULT 0,
  asked_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- +goose Down
DROP TABLE operator;
ALTER TABLE handoff DROP COLUMN language;
ALTER TABLE handoff DROP COLUMN wanted;
ALTER TABLE handoff DROP COLUMN offered_to;
ALTER TABLE handoff DROP COLUMN offer_until;
