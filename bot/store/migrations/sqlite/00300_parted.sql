-- +goose Up
-- When the caller hung up who waits for a person; 0: is on the line.
ALTER TABLE handoff ADD COLUMN parted_at INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE handoff DROP COLUMN parted_at;
