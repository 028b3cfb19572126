package store

import (
	"context"
	"fmt"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// wording is what is sealed of a word, under the key of whoever said it.
type wording struct {
	Text   string `json:"text"`
	Passed string `json:"passed,omitempty"`
}

const wordColumns = "SELECT id, wish, side, citizen, status, at, settled_at, settled_by, key, body FROM word"

type sealedWord struct {
	w    ticket.Word
	body []byte
}

func scanWord(scan func(...any) error) (sealedWord, error) {
	var r sealedWord
	var at, settled int64
	err := scan(&r.w.ID, &r.w.Wish, &r.w.Side, &r.w.By, &r.w.Status, &at, &settled, &r.w.SettledBy, &r.w.Key, &r.body)
	r.w.At, r.w.SettledAt = fromMillis(at), fromMillis(settled)
	return r, err
}

func openWords(sealed []sealedWord, key keyOf) ([]ticket.Word, error) {
	out := make([]ticket.Word, 0, len(sealed))
	for _, r := range sealed {
		aead, err := key(r.w.By)
		if err != nil {
			return nil, err
		}
		if aead != nil {
			var s wording
			if err := openJSON(aead, "word.body", r.w.Wish+"/"+r.w.Key, r.body, &s); err != nil {
				return nil, err
			}
			r.w.Text, r.w.Passed = bot.Secret(s.Text), bot.Secret(s.Passed)
		}
		out = append(out, r.w)
	}
	return out, nil
}

func (t *Tx) sealWord(w ticket.Word) ([]byte, error) {
	return t.sealJSON(w.By, "word.body", w.Wish+"/"+w.Key, wording{Text: w.Text.Reveal(), Passed: w.Passed.Reveal()})
}

// EnterWord implements ticket.WordBooks.
func (s *Store) EnterWord(_ context.Context, tx bot.Tx, w ticket.Word) (ticket.Word, bool, error) {
	t, err := in(tx)
	if err != nil {
		return w, false, err
	}
	body, err := t.sealWord(w)
	if err != nil {
		return w, false, err
	}
	n, err := t.exec(`INSERT INTO word (wish, side, citizen, status, at, key, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (citizen, key) DO NOTHING`, w.Wish, w.Side, w.By, w.Status, millis(w.At), w.Key, body)
	if err != nil {
		return w, false, fmt.Errorf("insert word: %w", err)
	}
	_, err = t.row("SELECT id FROM word WHERE citizen = $1 AND key = $2", []any{w.By, w.Key}, &w.ID)
	return w, n == 0, err
}

// SaveWord implements ticket.WordBooks.
func (s *Store) SaveWord(_ context.Context, tx bot.Tx, w ticket.Word) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	body, err := t.sealWord(w)
	if err != nil {
		return err
	}
	if _, err := t.exec("UPDATE word SET status = $2, settled_at = $3, settled_by = $4, body = $5 WHERE id = $1",
		w.ID, w.Status, millis(w.SettledAt), w.SettledBy, body); err != nil {
		return fmt.Errorf("save word: %w", err)
	}
	return nil
}

// Words implements ticket.WordBooks.
func (s *Store) Words(_ context.Context, tx bot.Tx, wish string) ([]ticket.Word, error) {
	t, err := in(tx)
	if err != nil {
		return nil, err
	}
	return t.words(" WHERE wish = $1 ORDER BY id", wish)
}

// OpenWord implements ticket.WordBooks.
func (s *Store) OpenWord(_ context.Context, tx bot.Tx, id int64) (ticket.Word, error) {
	t, err := in(tx)
	if err != nil {
		return ticket.Word{}, err
	}
	all, err := t.words(" WHERE id = $1", id)
	if err == nil && len(all) == 0 {
		err = ticket.ErrNoTicket
	}
	if err != nil {
		return ticket.Word{}, err
	}
	return all[0], nil
}

func (t *Tx) words(where string, arg any) ([]ticket.Word, error) {
	var sealed []sealedWord
	err := t.rows(wordColumns+where, []any{arg}, func(scan func(...any) error) error {
		r, err := scanWord(scan)
		sealed = append(sealed, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list words: %w", err)
	}
	return openWords(sealed, t.keyFunc)
}

// WordsOf are the words between the two sides of a wish, oldest first.
func (s *Store) WordsOf(ctx context.Context, wish string) ([]ticket.Word, error) {
	return s.words(ctx, " WHERE wish = $1 ORDER BY id", wish)
}

// WordsWaiting are those of a town's wishes that a social worker has to read,
// oldest first; of every town where none is given.
func (s *Store) WordsWaiting(ctx context.Context, town string, limit int) ([]ticket.Word, error) {
	return s.words(ctx, " WHERE status = 'waiting' AND ($1 = '' OR wish IN (SELECT number FROM wish WHERE town = $1)) ORDER BY at, id LIMIT $2", town, limit)
}

func (s *Store) words(ctx context.Context, where string, args ...any) ([]ticket.Word, error) {
	var sealed []sealedWord
	err := s.rows(ctx, wordColumns+where, func(scan func(...any) error) error {
		r, err := scanWord(scan)
		sealed = append(sealed, r)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list words: %w", err)
	}
	return openWords(sealed, s.keyFunc(ctx))
}
