-- +goose Up
-- A citizen's yes to a look-up in the city's data.
CREATE TABLE city_consent (
  id TEXT PRIMARY KEY,
  citizen TEXT NOT NULL,
  purpose TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX city_consent_citizen ON city_consent(citizen);
-- Every query of the city's data: about whom by our id, what for, what came.
CREATE TABLE city_query (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  citizen TEXT NOT NULL,
  kind TEXT NOT NULL,
  purpose TEXT NOT NULL,
  consent TEXT NOT NULL,
  outcome TEXT NOT NULL,
  took INTEGER NOT NULL
);
CREATE INDEX city_query_citizen ON city_query(citizen);

-- +goose Down
DROP TABLE city_query;
DROP TABLE city_consent;
