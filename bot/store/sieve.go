package store

import (
	"context"
	"fmt"

	"guanjia/bot"
)

// Sieves are the filters somebody keeps for a page's list, by name.
func (s *Store) Sieves(ctx context.Context, staff, page string) ([]bot.Sieve, error) {
	var out []bot.Sieve
	err := s.rows(ctx, "SELECT name, query FROM sieve WHERE staff = $1 AND page = $2 ORDER BY name", func(scan func(...any) error) error {
		var v bot.Sieve
		err := scan(&v.Name, &v.Query)
		out = append(out, v)
		return err
	}, staff, page)
	if err != nil {
		return nil, fmt.Errorf("list filters: %w", err)
	}
	return out, nil
}

// SaveSieve keeps a filter under its name; an empty query takes it away.
func (s *Store) SaveSieve(ctx context.Context, staff, page string, v bot.Sieve) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		query, args := "DELETE FROM sieve WHERE staff = $1 AND page = $2 AND name = $3", []any{staff, page, v.Name}
		if v.Query != "" {
			query = `INSERT INTO sieve (staff, page, name, query) VALUES ($1, $2, $3, $4)
				ON CONFLICT (staff, page, name) DO UPDATE SET query = excluded.query`
			args = append(args, v.Query)
		}
		_, err := t.exec(query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep filter: %w", err)
	}
	return nil
}
