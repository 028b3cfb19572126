-- +goose Up
CREATE TABLE phone_call (
	id TEXT COLLATE "C" PRIMARY KEY,
	citizen TEXT COLLATE "C" NOT NULL,
	operator TEXT COLLATE "C" NOT NULL DEFAULT '',
	began_at BIGINT NOT NULL
);

CREATE TABLE wrap_up (
	operator TEXT COLLATE "C" NOT NULL,
	citizen TEXT COLLATE "C" NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (operator, citizen)
);

-- +goose Down
DROP TABLE wrap_up;
DROP TABLE phone_call;
