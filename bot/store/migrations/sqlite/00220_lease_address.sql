-- +goose Up
-- Of PostgreSQL only: the lease of who writes says where others reach it.
SELECT 1;

-- +goose Down
SELECT 1;
