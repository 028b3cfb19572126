-- +goose Up
-- What is left of an opening is no longer kept: it is its capacity without the
-- appointments and holds there are. Openings lie on a sheet for each group,
-- hall and day: its periods as "09:00=10 10:00=10/2 11:00=0*", the places in
-- all, those held back, and a star on samples.
CREATE TABLE sheet (
  grp TEXT NOT NULL,
  hall TEXT NOT NULL,
  date TEXT NOT NULL,
  periods TEXT NOT NULL,
  PRIMARY KEY (date, grp, hall)
) WITHOUT ROWID;
INSERT INTO sheet (grp, hall, date, periods)
  SELECT service, hall, date, group_concat(time || '=' || capacity || CASE demo WHEN 0 THEN '' ELSE '*' END, ' ')
  FROM (SELECT * FROM opening ORDER BY service, hall, date, time) GROUP BY service, hall, date;
CREATE TABLE appointment_new (
  number TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  channel TEXT NOT NULL,
  service TEXT NOT NULL,
  grp TEXT NOT NULL,
  hall TEXT NOT NULL,
  date TEXT NOT NULL,
  time TEXT NOT NULL,
  places INTEGER NOT NULL,
  person BLOB NOT NULL,
  status TEXT NOT NULL,
  key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  simulated INTEGER NOT NULL DEFAULT 0,
  demo INTEGER NOT NULL DEFAULT 0,
  rating INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO appointment_new (number, citizen, channel, service, grp, hall, date, time, places, person, status, key, created_at, simulated, demo, body)
  SELECT number, citizen, channel, service, service, hall, date, time, 1, person, status, key, created_at, simulated,
    EXISTS (SELECT 1 FROM opening o WHERE o.demo AND o.service = a.service AND o.hall = a.hall AND o.date = a.date AND o.time = a.time), body
  FROM appointment a;
DROP TABLE appointment;
ALTER TABLE appointment_new RENAME TO appointment;
CREATE INDEX appointment_citizen ON appointment(citizen);
CREATE INDEX appointment_day ON appointment(date) WHERE status <> 'cancelled';
DROP TABLE opening;

CREATE TABLE hold (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  service TEXT NOT NULL,
  grp TEXT NOT NULL,
  hall TEXT NOT NULL,
  date TEXT NOT NULL,
  time TEXT NOT NULL,
  places INTEGER NOT NULL,
  until INTEGER NOT NULL,
  waiting INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE waiting (
  id INTEGER PRIMARY KEY,
  citizen TEXT NOT NULL,
  key TEXT NOT NULL,
  person BLOB NOT NULL,
  service TEXT NOT NULL,
  grp TEXT NOT NULL,
  hall TEXT NOT NULL,
  date TEXT NOT NULL,
  time TEXT NOT NULL,
  places INTEGER NOT NULL,
  since INTEGER NOT NULL,
  status TEXT NOT NULL,
  held_date TEXT NOT NULL DEFAULT '',
  held_time TEXT NOT NULL DEFAULT '',
  until INTEGER NOT NULL DEFAULT 0,
  told INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
);
CREATE INDEX waiting_line ON waiting(id) WHERE status IN ('open', 'held');
CREATE TABLE arrival (
  id INTEGER PRIMARY KEY,
  hall TEXT NOT NULL,
  date TEXT NOT NULL,
  grp TEXT NOT NULL,
  service TEXT NOT NULL,
  number TEXT NOT NULL,
  appointment TEXT NOT NULL DEFAULT '',
  due TEXT NOT NULL DEFAULT '',
  late INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  status TEXT NOT NULL,
  window TEXT NOT NULL DEFAULT '',
  called INTEGER NOT NULL DEFAULT 0,
  calls INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX arrival_day ON arrival(date, hall);
-- No-shows of a person that an appeal took out of the count.
CREATE TABLE pardon (
  person BLOB PRIMARY KEY,
  at INTEGER NOT NULL,
  exempt INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL,
  by TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE department (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE service_group (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  department TEXT NOT NULL DEFAULT '',
  minutes INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE hall_window (
  hall TEXT NOT NULL,
  number TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  department TEXT NOT NULL DEFAULT '',
  groups TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (hall, number)
) WITHOUT ROWID;
CREATE TABLE schedule (
  grp TEXT NOT NULL,
  hall TEXT NOT NULL,
  weekdays TEXT NOT NULL,
  time TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  PRIMARY KEY (grp, hall, weekdays, time)
) WITHOUT ROWID;
CREATE TABLE day_override (
  date TEXT NOT NULL,
  hall TEXT NOT NULL,
  open INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (date, hall)
) WITHOUT ROWID;
CREATE TABLE closure (
  id INTEGER PRIMARY KEY,
  hall TEXT NOT NULL,
  grp TEXT NOT NULL,
  from_date TEXT NOT NULL,
  to_date TEXT NOT NULL,
  from_time TEXT NOT NULL,
  to_time TEXT NOT NULL,
  reason TEXT NOT NULL
);
-- Who changed what of the plan, the rules and the release, and why; nothing is
-- ever changed in it.
CREATE TABLE plan_change (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  subject TEXT NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE rulebook (
  version INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL
);
ALTER TABLE service ADD COLUMN grp TEXT NOT NULL DEFAULT '';
ALTER TABLE service ADD COLUMN department TEXT NOT NULL DEFAULT '';
ALTER TABLE service ADD COLUMN minutes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hall ADD COLUMN hours TEXT NOT NULL DEFAULT '';
ALTER TABLE hall ADD COLUMN lat REAL NOT NULL DEFAULT 0;
ALTER TABLE hall ADD COLUMN lng REAL NOT NULL DEFAULT 0;
ALTER TABLE hall ADD COLUMN access TEXT NOT NULL DEFAULT '';

