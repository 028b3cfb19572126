-- +goose Up
-- The audit trail: who did what to what, ids only. Rows are chained by hash
-- and can only be added.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  deed TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  hash BLOB NOT NULL
);
CREATE INDEX audit_subject ON audit(subject, seq) WHERE subject <> '';
-- +goose StatementBegin
CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit;
