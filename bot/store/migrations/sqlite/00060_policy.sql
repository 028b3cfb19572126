-- +goose Up
-- Who follows policies; body is the sealed profile and address.
CREATE TABLE policy_subscription (
  citizen TEXT PRIMARY KEY REFERENCES citizen(id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  body BLOB NOT NULL
) WITHOUT ROWID;
-- What followers were told of; key is also the outbox row's.
CREATE TABLE policy_notice (
  key TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  policy TEXT NOT NULL,
  event TEXT NOT NULL,
  at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX policy_notice_citizen ON policy_notice(citizen, at);
CREATE INDEX policy_notice_policy ON policy_notice(policy);
-- What citizens said about policies; sort is 'course' or 'opinion'.
CREATE TABLE policy_answer (
  citizen TEXT NOT NULL,
  policy TEXT NOT NULL,
  sort TEXT NOT NULL,
  answer TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (citizen, policy, sort)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE policy_answer;
DROP TABLE policy_notice;
DROP TABLE policy_subscription;
