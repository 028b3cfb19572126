-- +goose Up
CREATE TABLE upload (
	staff TEXT COLLATE "C" NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
	page TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	body BYTEA NOT NULL,
	PRIMARY KEY (staff, page)
);

-- +goose Down
DROP TABLE upload;
