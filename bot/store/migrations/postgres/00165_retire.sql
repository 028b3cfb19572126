-- +goose Up
-- Halls and services that ended stay for what was booked there, and are
-- offered no more.
ALTER TABLE hall ADD COLUMN retired BIGINT NOT NULL DEFAULT 0;
ALTER TABLE service ADD COLUMN retired BIGINT NOT NULL DEFAULT 0;

-- The State Council's table of a year's days off and working weekends, as an
-- administrator entered it.
CREATE TABLE holiday (
	date TEXT COLLATE "C" PRIMARY KEY,
	work BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL
);

-- +goose Down
DROP TABLE holiday;
ALTER TABLE service DROP COLUMN retired;
ALTER TABLE hall DROP COLUMN retired;
