-- +goose Up
-- Calls that go on by telephone, and who has each; the operator is empty while
-- the bot has it. What is left here when a process begins was cut off.
CREATE TABLE phone_call (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  began_at INTEGER NOT NULL
);

-- Calls that an operator still has to write up.
CREATE TABLE wrap_up (
  operator TEXT NOT NULL,
  citizen TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (operator, citizen)
);

-- +goose Down
DROP TABLE wrap_up;
DROP TABLE phone_call;
