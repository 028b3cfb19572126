-- +goose Up
-- Nobody but the one process that owns the file writes to it.
SELECT 1;

-- +goose Down
SELECT 1;
