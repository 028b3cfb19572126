-- +goose Up
-- The life cycle. life holds JSON without particulars; holder says who has the
-- ticket (see ticket.Body), root which other one it was merged into, next_at
-- when time has something to say about it.
ALTER TABLE ticket ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN root TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN linked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN life TEXT NOT NULL DEFAULT '{}';
CREATE INDEX ticket_next ON ticket(next_at) WHERE next_at > 0;
CREATE INDEX ticket_holder ON ticket(holder, due_at);
CREATE INDEX ticket_root ON ticket(root) WHERE root <> '';
CREATE INDEX ticket_created ON ticket(created_at);
CREATE INDEX ticket_citizen ON ticket(citizen, created_at);
ALTER TABLE step ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE step ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE step ADD COLUMN attachment TEXT NOT NULL DEFAULT '';
ALTER TABLE step ADD COLUMN key TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX step_key ON step(ticket, key) WHERE key <> '';
-- Who was told of a ticket, when, and by which alarm if by one.
CREATE TABLE notice (
  id INTEGER PRIMARY KEY,
  ticket TEXT NOT NULL,
  at INTEGER NOT NULL,
  reader TEXT NOT NULL, -- a body as in holder, or citizen
  alarm TEXT NOT NULL DEFAULT '',
  action TEXT NOT NULL
);
CREATE INDEX notice_ticket ON notice(ticket, id);
CREATE INDEX notice_reader ON notice(reader, id);
-- Where reports are about: blind indexes of a place, so that reports of one
-- place are found without being read.
CREATE TABLE place (
  hash BLOB NOT NULL,
  ticket TEXT NOT NULL,
  category TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (hash, category, at, ticket)
) WITHOUT ROWID;
-- What people corrected of the sorting, to learn from; the words are the
-- ticket's own.
CREATE TABLE correction (
  ticket TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  speaker TEXT NOT NULL,
  was TEXT NOT NULL,
  category TEXT NOT NULL
) WITHOUT ROWID;
-- What an administrator changed of rules that are data, as JSON.
CREATE TABLE rule (
  name TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
) WITHOUT ROWID;
-- Whom a desk account works for.
ALTER TABLE staff ADD COLUMN department TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN town TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN village TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE staff DROP COLUMN department; ALTER TABLE staff DROP COLUMN town; ALTER TABLE staff DROP COLUMN village;
DROP TABLE rule; DROP TABLE correction; DROP TABLE place; DROP TABLE notice;
DROP INDEX step_key;
ALTER TABLE step DROP COLUMN action; ALTER TABLE step DROP COLUMN holder; ALTER TABLE step DROP COLUMN attachment; ALTER TABLE step DROP COLUMN key;
DROP INDEX ticket_next; DROP INDEX ticket_holder; DROP INDEX ticket_root; DROP INDEX ticket_created; DROP INDEX ticket_citizen;
ALTER TABLE ticket DROP COLUMN version; ALTER TABLE ticket DROP COLUMN holder; ALTER TABLE ticket DROP COLUMN root;
ALTER TABLE ticket DROP COLUMN next_at; ALTER TABLE ticket DROP COLUMN linked; ALTER TABLE ticket DROP COLUMN updated_at; ALTER TABLE ticket DROP COLUMN life;
