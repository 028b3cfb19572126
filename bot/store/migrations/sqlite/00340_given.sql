-- +goose Up
-- When somebody else gave an account its password; 0 where it is of its own
-- choosing.
ALTER TABLE staff ADD COLUMN given_at INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE staff DROP COLUMN given_at;
