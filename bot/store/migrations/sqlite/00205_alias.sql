-- +goose Up
-- What people also call a service, one name a line.
ALTER TABLE service ADD COLUMN aliases TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE service DROP COLUMN aliases;
