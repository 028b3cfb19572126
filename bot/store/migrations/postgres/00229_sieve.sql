-- +goose Up
CREATE TABLE sieve (
	staff TEXT COLLATE "C" NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
	page TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	query TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (staff, page, name)
);

-- +goose Down
DROP TABLE sieve;
