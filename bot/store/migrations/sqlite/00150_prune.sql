-- +goose Up
CREATE INDEX attachment_at ON attachment(at);

-- +goose Down
DROP INDEX attachment_at;
