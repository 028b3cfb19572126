-- +goose Up
-- How far the journal was written into these tables: the number of the last
-- record that is in them, changed in the transaction that writes it.
CREATE TABLE applied (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL
);
INSERT INTO applied (one, seq) VALUES (1, 0);

-- +goose Down
DROP TABLE applied;
