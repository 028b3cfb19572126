-- +goose Up
ALTER TABLE staff ADD COLUMN given_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE staff DROP COLUMN given_at;
