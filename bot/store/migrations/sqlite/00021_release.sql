-- +goose Up
-- What the dynamic release proposed or did, with the sheets before and after:
-- each can be taken back.
CREATE TABLE adjustment (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  grp TEXT NOT NULL,
  hall TEXT NOT NULL,
  kind TEXT NOT NULL,
  places INTEGER NOT NULL,
  why TEXT NOT NULL,
  status TEXT NOT NULL, -- proposed applied rejected undone
  decided_by TEXT NOT NULL DEFAULT '',
  decided_at INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL
);
CREATE INDEX adjustment_open ON adjustment(id) WHERE status = 'proposed';
CREATE TABLE release_control (
  version INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL
);
-- The halls that offer a group of services; one of which nothing is said is
-- offered everywhere.
CREATE TABLE offer (
  grp TEXT NOT NULL,
  hall TEXT NOT NULL,
  PRIMARY KEY (grp, hall)
) WITHOUT ROWID;
