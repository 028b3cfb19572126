-- +goose Up
-- Files of tables that were looked at and wait for a yes: one of each person
-- and page, sealed.
CREATE TABLE upload (
  staff TEXT NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
  page TEXT NOT NULL,
  until INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (staff, page)
);

-- +goose Down
DROP TABLE upload;
