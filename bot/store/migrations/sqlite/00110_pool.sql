-- +goose Up
-- When those in the donors' pool were asked: about a wish, and each of them last.
ALTER TABLE wish ADD COLUMN asked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE donor ADD COLUMN asked_at INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE wish DROP COLUMN asked_at;
ALTER TABLE donor DROP COLUMN asked_at;
