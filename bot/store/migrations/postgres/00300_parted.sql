-- +goose Up
ALTER TABLE handoff ADD COLUMN parted_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE handoff DROP COLUMN parted_at;
