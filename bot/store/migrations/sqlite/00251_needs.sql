-- +goose Up
-- All needs of a wish and all an offer would meet, as "|aids|care|": the list's
-- filter and the donors' pool ask for any of them.
ALTER TABLE wish ADD COLUMN needs TEXT NOT NULL DEFAULT '';
UPDATE wish SET needs = '|' || category || '|';
DROP INDEX donor_need;
ALTER TABLE donor RENAME COLUMN need TO needs;
UPDATE donor SET needs = '|' || needs || '|' WHERE needs <> '';

-- +goose Down
UPDATE donor SET needs = replace(needs, '|', '');
ALTER TABLE donor RENAME COLUMN needs TO need;
CREATE INDEX donor_need ON donor(need, town);
ALTER TABLE wish DROP COLUMN needs;
