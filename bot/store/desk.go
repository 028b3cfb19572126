package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
)

// QuickReplies lists them by title.
func (s *Store) QuickReplies(ctx context.Context) ([]bot.QuickReply, error) {
	var out []bot.QuickReply
	err := s.rows(ctx, "SELECT id, title, text, by_staff, at FROM quick_reply ORDER BY title, id", func(scan func(...any) error) error {
		var v bot.QuickReply
		var at int64
		err := scan(&v.ID, &v.Title, &v.Text, &v.By, &at)
		v.At = fromMillis(at)
		out = append(out, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list quick replies: %w", err)
	}
	return out, nil
}

// SaveQuickReply makes one, or changes the one with its id.
func (s *Store) SaveQuickReply(ctx context.Context, v bot.QuickReply) (string, error) {
	if v.ID == "" {
		v.ID = newID("q")
	}
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec(`INSERT INTO quick_reply (id, title, text, by_staff, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text, by_staff = excluded.by_staff, at = excluded.at`,
			v.ID, v.Title, v.Text, v.By, millis(v.At))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("save quick reply: %w", err)
	}
	return v.ID, nil
}

// DropQuickReply takes one away.
func (s *Store) DropQuickReply(ctx context.Context, id string) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("DELETE FROM quick_reply WHERE id = $1", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop quick reply: %w", err)
	}
	return nil
}

// Tag marks a conversation, or takes the mark away; doing it twice is once.
func (s *Store) Tag(ctx context.Context, citizen bot.CitizenID, name, staff string, on bool, at time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		query, args := "DELETE FROM tag WHERE citizen = $1 AND name = $2", []any{citizen, name}
		if on {
			query = "INSERT INTO tag (citizen, name, by_staff, at) VALUES ($1, $2, $3, $4) ON CONFLICT (citizen, name) DO NOTHING"
			args = append(args, staff, millis(at))
		}
		n, err := t.exec(query, args...)
		if err != nil || n == 0 {
			return err
		}
		return t.Announce(bot.Change{At: at, Kind: bot.ChangeTag, Citizen: citizen})
	})
	if err != nil {
		return fmt.Errorf("tag conversation: %w", err)
	}
	return nil
}

// Tags are a conversation's marks.
func (s *Store) Tags(ctx context.Context, citizen bot.CitizenID) ([]string, error) {
	var out []string
	err := s.rows(ctx, "SELECT name FROM tag WHERE citizen = $1 ORDER BY name", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	}, citizen)
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	return out, nil
}

// ShiftSince reads what came to the desk since an instant.
func (s *Store) ShiftSince(ctx context.Context, since time.Time) (bot.Shift, error) {
	var v bot.Shift
	err := s.rows(ctx, `SELECT id, citizen, channel, reason, priority, intent, town, status, operator, at, taken_at, closed_at
		FROM handoff WHERE at >= $1 OR status <> 'closed' ORDER BY id`, func(scan func(...any) error) error {
		var h bot.Handoff
		var at, taken, closed int64
		err := scan(&h.ID, &h.Citizen, &h.Channel, &h.Reason, &h.Priority, &h.Intent, &h.Town, &h.Status, &h.Operator, &at, &taken, &closed)
		h.At, h.TakenAt, h.ClosedAt = fromMillis(at), fromMillis(taken), fromMillis(closed)
		v.Handoffs = append(v.Handoffs, h)
		return err
	}, millis(since))
	if err != nil {
		return v, fmt.Errorf("read the shift: %w", err)
	}
	stmt, err := s.read(ctx, "SELECT COUNT(*) FROM conversation WHERE updated_at >= $1")
	if err != nil {
		return v, err
	}
	if err := stmt.QueryRowContext(ctx, millis(since)).Scan(&v.Conversations); err != nil {
		return v, fmt.Errorf("count conversations: %w", err)
	}
	v.Ratings, err = s.ratingsSince(ctx, since)
	return v, err
}

// Earlier returns up to limit lines before a number, oldest first.
func (s *Store) Earlier(ctx context.Context, citizen bot.CitizenID, before int64, limit int) ([]bot.Line, error) {
	if before <= 0 {
		return nil, nil
	}
	return s.lines(ctx, citizen, wanted{before: before, notes: true, last: true}, limit)
}

// EndStaleSessions forgets sign-ins that are over.
func (s *Store) EndStaleSessions(ctx context.Context, began, used time.Time) error {
	stmt, err := s.read(ctx, "SELECT (SELECT COUNT(*) FROM session WHERE created_at < $1 OR seen_at < $2) + (SELECT COUNT(*) FROM upload WHERE until < $2)")
	if err != nil {
		return err
	}
	var stale int
	if err := stmt.QueryRowContext(ctx, millis(began), millis(used)).Scan(&stale); err != nil {
		return fmt.Errorf("count sign-ins that are over: %w", err)
	}
	if stale == 0 { // the usual case is not worth a commit
		return nil
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("DELETE FROM session WHERE created_at < $1 OR seen_at < $2", millis(began), millis(used))
		if err == nil {
			_, err = t.exec("DELETE FROM upload WHERE until < $1", millis(used))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("forget sign-ins that are over: %w", err)
	}
	return nil
}
