-- +goose Up
-- Where the other instances reach the one that writes; empty: it works alone.
ALTER TABLE lease ADD COLUMN address TEXT COLLATE "C" NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE lease DROP COLUMN address;
