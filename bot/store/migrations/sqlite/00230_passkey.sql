-- +goose Up
-- Security keys and passkeys (WebAuthn) of accounts: public keys and counters.
CREATE TABLE passkey (
  id BLOB PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff(name) ON DELETE CASCADE,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX passkey_staff ON passkey(staff);

-- +goose Down
DROP TABLE passkey;
