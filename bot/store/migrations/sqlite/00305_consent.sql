-- +goose Up
-- A guardian's yes was the first consent of its own; others are kept beside it:
-- what it is about, the errand it stands for, and, sealed, what was agreed to
-- in answer to which words.
ALTER TABLE guardian RENAME TO consent;
DROP INDEX guardian_citizen;
CREATE INDEX consent_citizen ON consent(citizen);
ALTER TABLE consent ADD COLUMN about TEXT NOT NULL DEFAULT 'child';
ALTER TABLE consent ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE consent ADD COLUMN body BLOB;

-- +goose Down
DELETE FROM consent WHERE about <> 'child';
ALTER TABLE consent DROP COLUMN body;
ALTER TABLE consent DROP COLUMN key;
ALTER TABLE consent DROP COLUMN about;
DROP INDEX consent_citizen;
ALTER TABLE consent RENAME TO guardian;
CREATE INDEX guardian_citizen ON guardian(citizen);
