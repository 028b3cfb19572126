-- +goose Up
-- What waits for its hour enters the transcript as it leaves; reminders were
-- never in it.
ALTER TABLE outbox ADD COLUMN unsaid BIGINT NOT NULL DEFAULT 0;
UPDATE outbox SET unsaid = 1 WHERE status = 'waiting' AND attempts = 0 AND key LIKE 'remind:%';

-- +goose Down
ALTER TABLE outbox DROP COLUMN unsaid;
