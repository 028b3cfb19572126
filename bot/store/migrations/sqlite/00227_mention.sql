-- +goose Up
-- Who was named in a colleague's note and has not looked yet.
CREATE TABLE mention (
  citizen TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
  by_staff TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (citizen, staff)
);

-- +goose Down
DROP TABLE mention;
