-- +goose Up
-- A visit is a citizen's sign-in on the citizens' pages; hash is of its token.
CREATE TABLE visit (
  hash BLOB PRIMARY KEY,
  citizen TEXT NOT NULL REFERENCES citizen(id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX visit_citizen ON visit(citizen);
CREATE INDEX visit_created ON visit(created_at);

-- +goose Down
DROP TABLE visit;
