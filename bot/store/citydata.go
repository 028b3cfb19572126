package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
)

// CityQuery is one query of the city's data as the log keeps it: ids, purpose
// and outcome, never what was asked with or answered.
type CityQuery struct {
	At      time.Time
	Citizen bot.CitizenID
	Kind    string
	Purpose string
	Consent string
	Outcome string
	Took    time.Duration
}

// AgreeToCityData records a citizen's yes to a look-up and gives its id.
func (s *Store) AgreeToCityData(ctx context.Context, citizen bot.CitizenID, purpose string, at time.Time) (string, error) {
	id := newID("y")
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("INSERT INTO city_consent (id, citizen, purpose, at) VALUES ($1, $2, $3, $4)", id, citizen, purpose, millis(at))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("record consent: %w", err)
	}
	return id, nil
}

// NoteCityQuery adds to the query log. A query under a consent must be under
// one that this citizen gave for this purpose.
func (s *Store) NoteCityQuery(ctx context.Context, q CityQuery) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		if q.Citizen != "" {
			var one int
			found, err := t.row("SELECT 1 FROM city_consent WHERE id = $1 AND citizen = $2 AND purpose = $3", []any{q.Consent, q.Citizen, q.Purpose}, &one)
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("no such consent for this citizen and purpose")
			}
		}
		_, err := t.exec("INSERT INTO city_query (at, citizen, kind, purpose, consent, outcome, took) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			millis(q.At), q.Citizen, q.Kind, q.Purpose, q.Consent, q.Outcome, q.Took.Milliseconds())
		return err
	})
	if err != nil {
		return fmt.Errorf("note query of the city's data: %w", err)
	}
	return nil
}

// CityQueries are those about a citizen, oldest first.
func (s *Store) CityQueries(ctx context.Context, citizen bot.CitizenID) ([]CityQuery, error) {
	var out []CityQuery
	err := s.rows(ctx, "SELECT at, citizen, kind, purpose, consent, outcome, took FROM city_query WHERE citizen = $1 ORDER BY id", func(scan func(...any) error) error {
		var q CityQuery
		var at, took int64
		err := scan(&at, &q.Citizen, &q.Kind, &q.Purpose, &q.Consent, &q.Outcome, &took)
		q.At, q.Took = fromMillis(at), time.Duration(took)*time.Millisecond
		out = append(out, q)
		return err
	}, citizen)
	if err != nil {
		return nil, fmt.Errorf("list queries of the city's data: %w", err)
	}
	return out, nil
}
