-- +goose Up
CREATE TABLE passkey (
	id BYTEA PRIMARY KEY,
	staff TEXT COLLATE "C" NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
	name TEXT COLLATE "C" NOT NULL,
	body TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX passkey_staff ON passkey(staff);

-- +goose Down
DROP TABLE passkey;
