-- +goose Up
CREATE TABLE mention (
	citizen TEXT COLLATE "C" NOT NULL,
	staff TEXT COLLATE "C" NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
	by_staff TEXT COLLATE "C" NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (citizen, staff)
);

-- +goose Down
DROP TABLE mention;
