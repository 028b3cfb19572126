-- +goose Up
-- Replies that another session than the writer's puts into the outbox, or back
-- into it, wake the dispatcher. The writer's own process wakes it without: its
-- commits do not pay for a notice.
-- +goose StatementBegin
CREATE FUNCTION tell_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('guanjia_outbox', '');
	RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER outbox_told AFTER INSERT OR UPDATE ON outbox FOR EACH STATEMENT
	WHEN (current_setting('guanjia.writer', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION tell_outbox();

-- +goose Down
DROP TRIGGER outbox_told ON outbox;
DROP FUNCTION tell_outbox();
