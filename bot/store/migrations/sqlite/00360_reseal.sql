-- +goose Up
-- While what was sealed under a citizen's key goes over to another, the former
-- key stays beside it; NULL otherwise.
ALTER TABLE citizen ADD COLUMN key_before BLOB;
CREATE INDEX citizen_rekeyed ON citizen(id) WHERE key_before IS NOT NULL;

-- +goose Down
DROP INDEX citizen_rekeyed;
ALTER TABLE citizen DROP COLUMN key_before;
