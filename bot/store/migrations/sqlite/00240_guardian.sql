-- +goose Up
-- A guardian's yes to one errand of a child, and where the audit trail has it.
CREATE TABLE guardian (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  errand TEXT NOT NULL,
  who TEXT NOT NULL,
  channel TEXT NOT NULL,
  at INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  withdrawn_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX guardian_citizen ON guardian(citizen);

-- +goose Down
DROP TABLE guardian;
