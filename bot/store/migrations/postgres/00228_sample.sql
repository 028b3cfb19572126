-- +goose Up
CREATE TABLE sample (
	handoff BIGINT NOT NULL,
	by_staff TEXT COLLATE "C" NOT NULL,
	citizen TEXT COLLATE "C" NOT NULL,
	operator TEXT COLLATE "C" NOT NULL,
	town TEXT COLLATE "C" NOT NULL DEFAULT '',
	marks TEXT COLLATE "C" NOT NULL,
	at BIGINT NOT NULL,
	body BYTEA,
	PRIMARY KEY (handoff, by_staff)
);

-- +goose Down
DROP TABLE sample;
