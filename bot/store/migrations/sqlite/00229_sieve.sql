-- +goose Up
-- Filters of lists that somebody keeps under a name.
CREATE TABLE sieve (
  staff TEXT NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
  page TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  PRIMARY KEY (staff, page, name)
);

-- +goose Down
DROP TABLE sieve;
