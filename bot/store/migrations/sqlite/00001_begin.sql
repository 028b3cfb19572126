-- +goose Up
-- Times are unix milliseconds. Columns named body or state hold values sealed
-- under the citizen's key; hash columns are blind indexes.
CREATE TABLE installation (
  name TEXT PRIMARY KEY,
  body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE citizen (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  key BLOB NOT NULL,
  body BLOB,
  simulated INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE identity (
  hash BLOB PRIMARY KEY,
  channel TEXT NOT NULL,
  citizen TEXT NOT NULL REFERENCES citizen(id),
  body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX identity_citizen ON identity(citizen);
CREATE TABLE conversation (
  citizen TEXT PRIMARY KEY REFERENCES citizen(id),
  version INTEGER NOT NULL,
  handling TEXT NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  updated_at INTEGER NOT NULL,
  state BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  citizen TEXT NOT NULL,
  hash BLOB UNIQUE,
  received_at INTEGER NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0,
  body BLOB
);
CREATE INDEX inbox_open ON inbox(id) WHERE answered = 0;
CREATE TABLE line (
  id INTEGER PRIMARY KEY,
  citizen TEXT NOT NULL,
  speaker TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  channel TEXT NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL DEFAULT '',
  attachment TEXT NOT NULL DEFAULT '',
  body BLOB NOT NULL
);
CREATE INDEX line_citizen ON line(citizen, id);
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  citizen TEXT NOT NULL,
  turn INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'waiting', -- waiting sent held dead
  due INTEGER NOT NULL,
  busy_until INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  key TEXT,
  topic TEXT NOT NULL DEFAULT '',
  proactive INTEGER NOT NULL DEFAULT 0,
  speaker TEXT NOT NULL,
  cause TEXT NOT NULL DEFAULT '',
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX outbox_key ON outbox(key) WHERE key IS NOT NULL;
CREATE INDEX outbox_due ON outbox(due) WHERE status = 'waiting';
CREATE INDEX outbox_citizen ON outbox(citizen, id) WHERE status IN ('waiting', 'held');
CREATE INDEX outbox_turn ON outbox(turn) WHERE turn > 0;
CREATE INDEX outbox_topic ON outbox(topic) WHERE topic <> '';
CREATE TABLE attachment (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  kind TEXT NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE TABLE handoff (
  id INTEGER PRIMARY KEY,
  citizen TEXT NOT NULL,
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  priority INTEGER NOT NULL,
  intent TEXT NOT NULL,
  town TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  taken_at INTEGER NOT NULL DEFAULT 0,
  closed_at INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX handoff_open ON handoff(citizen) WHERE status <> 'closed';
CREATE TABLE change (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  citizen TEXT NOT NULL,
  ref TEXT NOT NULL DEFAULT ''
);
CREATE TABLE hall (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  town TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  demo INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE service (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  demo INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE period (
  time TEXT PRIMARY KEY,
  capacity INTEGER NOT NULL,
  demo INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE release (
  date TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  plan BLOB NOT NULL -- digest of halls, services and periods then
) WITHOUT ROWID;
CREATE TABLE opening (
  service TEXT NOT NULL,
  hall TEXT NOT NULL,
  date TEXT NOT NULL,
  time TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  remaining INTEGER NOT NULL CHECK (remaining >= 0 AND remaining <= capacity),
  demo INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (service, hall, date, time)
) WITHOUT ROWID;
CREATE TABLE appointment (
  number TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  channel TEXT NOT NULL,
  service TEXT NOT NULL,
  hall TEXT NOT NULL,
  date TEXT NOT NULL,
  time TEXT NOT NULL,
  person BLOB NOT NULL,
  status TEXT NOT NULL,
  key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  simulated INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL,
  UNIQUE (citizen, key)
) WITHOUT ROWID;
CREATE INDEX appointment_person ON appointment(person, date);
CREATE INDEX appointment_booked ON appointment(date) WHERE status = 'booked';
CREATE TABLE serial (
  kind TEXT NOT NULL,
  day TEXT NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (kind, day)
) WITHOUT ROWID;
CREATE TABLE ticket (
  number TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  type TEXT NOT NULL,
  category TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL,
  town TEXT NOT NULL DEFAULT '',
  urgency TEXT NOT NULL,
  department TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,
  key TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  simulated INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL,
  UNIQUE (citizen, key)
) WITHOUT ROWID;
CREATE TABLE step (
  id INTEGER PRIMARY KEY,
  ticket TEXT NOT NULL,
  at INTEGER NOT NULL,
  status TEXT NOT NULL,
  speaker TEXT NOT NULL,
  body BLOB
);
CREATE INDEX step_ticket ON step(ticket, id);
CREATE TABLE staff (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE session (
  hash BLOB PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE session; DROP TABLE staff; DROP TABLE step; DROP TABLE ticket; DROP TABLE serial;
DROP TABLE appointment; DROP TABLE opening; DROP TABLE release; DROP TABLE period; DROP TABLE service;
DROP TABLE hall; DROP TABLE change; DROP TABLE handoff; DROP TABLE attachment; DROP TABLE outbox;
DROP TABLE line; DROP TABLE inbox; DROP TABLE conversation; DROP TABLE identity; DROP TABLE citizen;
DROP TABLE installation;
