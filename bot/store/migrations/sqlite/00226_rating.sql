-- +goose Up
-- How citizens found it, when they were asked at the end: 1 good, 2 so-so,
-- 3 bad. The operator is who served them last, empty if the bot did alone.
CREATE TABLE rating (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  citizen TEXT NOT NULL,
  channel TEXT NOT NULL,
  town TEXT NOT NULL DEFAULT '',
  operator TEXT NOT NULL DEFAULT '',
  score INTEGER NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX rating_at ON rating(at);

-- +goose Down
DROP TABLE rating;
