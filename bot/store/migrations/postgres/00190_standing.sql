-- +goose Up
-- What stands is counted every few seconds by those who watch the service.
CREATE INDEX ticket_open ON ticket(kind, due_at) WHERE status NOT IN ('rejected', 'closed', 'withdrawn', 'merged');
CREATE INDEX outbox_dead ON outbox(due) WHERE status = 'dead';

-- +goose Down
DROP INDEX ticket_open;
DROP INDEX outbox_dead;
