-- +goose Up
-- Calls that the service places itself. phone is a blind index: a person may be
-- rung so often in a day whatever it is about, and never who said no.
CREATE TABLE outcall (
  key TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL, -- the number of the ticket or the appointment
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  last TEXT NOT NULL DEFAULT '',
  next_at INTEGER NOT NULL,
  until INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  busy_until INTEGER NOT NULL DEFAULT 0,
  phone BLOB NOT NULL,
  body BLOB
);
CREATE INDEX outcall_due ON outcall(next_at) WHERE state IN ('waiting', 'ringing');
CREATE INDEX outcall_ref ON outcall(ref, at);
CREATE INDEX outcall_at ON outcall(at);
CREATE TABLE outcall_try (
  id TEXT PRIMARY KEY,
  phone BLOB NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX outcall_try_phone ON outcall_try(phone, at);
CREATE TABLE no_call (
  phone BLOB PRIMARY KEY,
  at INTEGER NOT NULL
);
CREATE INDEX ticket_closed ON ticket(updated_at) WHERE status = 'closed';

-- +goose Down
DROP INDEX ticket_closed;
DROP TABLE no_call; DROP TABLE outcall_try; DROP TABLE outcall;
