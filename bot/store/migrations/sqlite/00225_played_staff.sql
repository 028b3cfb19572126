-- +goose Up
-- Accounts that simulated operators sign in with: they go with the samples.
ALTER TABLE staff ADD COLUMN simulated INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE staff DROP COLUMN simulated;
