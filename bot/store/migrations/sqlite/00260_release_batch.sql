-- +goose Up
-- One decision over many proposals of the dynamic release.
CREATE TABLE release_batch (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  scope TEXT NOT NULL, -- JSON
  applied INTEGER NOT NULL,
  count INTEGER NOT NULL,
  places INTEGER NOT NULL,
  undone_by TEXT NOT NULL DEFAULT '',
  undone_at INTEGER NOT NULL DEFAULT 0
);
ALTER TABLE adjustment ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
CREATE INDEX adjustment_batch ON adjustment(batch) WHERE batch <> 0;
DROP INDEX adjustment_open;
CREATE UNIQUE INDEX adjustment_standing ON adjustment(hall, grp) WHERE status = 'proposed';
CREATE INDEX adjustment_rejected ON adjustment(hall, decided_at) WHERE status = 'rejected';

-- +goose Down
DROP INDEX adjustment_rejected;
DROP INDEX adjustment_standing;
CREATE INDEX adjustment_open ON adjustment(id) WHERE status = 'proposed';
DROP INDEX adjustment_batch;
ALTER TABLE adjustment DROP COLUMN batch;
DROP TABLE release_batch;
