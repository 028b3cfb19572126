-- +goose Up
CREATE TABLE outcall (
	key TEXT COLLATE "C" PRIMARY KEY,
	citizen TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	ref TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	attempts BIGINT NOT NULL DEFAULT 0,
	last TEXT COLLATE "C" NOT NULL DEFAULT '',
	next_at BIGINT NOT NULL,
	until BIGINT NOT NULL DEFAULT 0,
	at BIGINT NOT NULL,
	busy_until BIGINT NOT NULL DEFAULT 0,
	phone BYTEA NOT NULL,
	body BYTEA
);
CREATE INDEX outcall_due ON outcall(next_at) WHERE state IN ('waiting', 'ringing');
CREATE INDEX outcall_ref ON outcall(ref, at);
CREATE INDEX outcall_at ON outcall(at);
CREATE TABLE outcall_try (
	id TEXT COLLATE "C" PRIMARY KEY,
	phone BYTEA NOT NULL,
	at BIGINT NOT NULL
);
CREATE INDEX outcall_try_phone ON outcall_try(phone, at);
CREATE TABLE no_call (
	phone BYTEA PRIMARY KEY,
	at BIGINT NOT NULL
);
CREATE INDEX ticket_closed ON ticket(updated_at) WHERE status = 'closed';

-- +goose Down
DROP INDEX ticket_closed;
DROP TABLE no_call; DROP TABLE outcall_try; DROP TABLE outcall;
