-- +goose Up
ALTER TABLE staff ADD COLUMN simulated BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE staff DROP COLUMN simulated;
