-- +goose Up
-- Who is on at the desk, when: a span of one day, in minutes, for a group or,
-- empty, for everybody's conversations.
CREATE TABLE shift (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  day TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
  team TEXT NOT NULL DEFAULT '',
  begins INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  by_staff TEXT NOT NULL,
  UNIQUE (day, staff, team, begins)
);

-- +goose Down
DROP TABLE shift;
