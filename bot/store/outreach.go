package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/outreach"
)

// followed is what is sealed of a subscription.
type followed struct {
	Profile  map[string]string `json:"profile"`
	To       bot.Address       `json:"to"`
	Language bot.Language      `json:"language,omitempty"`
}

// FollowPolicies implements outreach.Ledger.
func (s *Store) FollowPolicies(_ context.Context, tx bot.Tx, v outreach.Subscription) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	body, err := t.sealJSON(v.Citizen, "policy_subscription.body", string(v.Citizen), followed{v.Profile, v.To, v.Language})
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO policy_subscription (citizen, created_at, body) VALUES ($1, $2, $3)
		ON CONFLICT (citizen) DO UPDATE SET created_at = excluded.created_at, body = excluded.body`, v.Citizen, millis(v.CreatedAt), body)
	if err != nil {
		return fmt.Errorf("subscribe to policies: %w", err)
	}
	return nil
}

// UnfollowPolicies implements outreach.Ledger.
func (s *Store) UnfollowPolicies(_ context.Context, tx bot.Tx, citizen bot.CitizenID, _ time.Time) (bool, error) {
	t, err := in(tx)
	if err != nil {
		return false, err
	}
	n, err := t.exec("DELETE FROM policy_subscription WHERE citizen = $1", citizen)
	if err != nil || n == 0 {
		return false, err
	}
	if err := t.Drop(outreach.Topic(citizen)); err != nil {
		return false, fmt.Errorf("unsubscribe from policies: %w", err)
	}
	return true, nil
}

// FollowsPolicies implements outreach.Ledger.
func (s *Store) FollowsPolicies(ctx context.Context, citizen bot.CitizenID) (bool, error) {
	found := false
	err := s.rows(ctx, "SELECT 1 FROM policy_subscription WHERE citizen = $1", func(func(...any) error) error { found = true; return nil }, citizen)
	return found, err
}

// PolicyFollowers implements outreach.Ledger.
func (s *Store) PolicyFollowers(ctx context.Context, each func(outreach.Subscription) error) error {
	type row struct {
		v    outreach.Subscription
		body []byte
	}
	var all []row
	err := s.rows(ctx, "SELECT citizen, created_at, body FROM policy_subscription ORDER BY citizen", func(scan func(...any) error) error {
		var r row
		var at int64
		err := scan(&r.v.Citizen, &at, &r.body)
		r.v.CreatedAt = fromMillis(at)
		all = append(all, r)
		return err
	})
	if err != nil {
		return fmt.Errorf("list policy subscriptions: %w", err)
	}
	for _, r := range all {
		aead, err := s.key(ctx, r.v.Citizen)
		if errors.Is(err, ErrForgotten) {
			continue
		} else if err != nil {
			return err
		}
		var f followed
		if err := openJSON(aead, "policy_subscription.body", string(r.v.Citizen), r.body, &f); err != nil {
			return err
		}
		r.v.Profile, r.v.To, r.v.Language = f.Profile, f.To, f.Language
		if err := each(r.v); err != nil {
			return err
		}
	}
	return nil
}

// TellPolicy implements outreach.Ledger.
func (s *Store) TellPolicy(_ context.Context, tx bot.Tx, n outreach.Notice, out bot.Outgoing) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	var one int
	following, err := t.row("SELECT 1 FROM policy_subscription WHERE citizen = $1", []any{n.Citizen}, &one)
	if err != nil || !following {
		return err
	}
	made, err := t.exec(`INSERT INTO policy_notice (key, citizen, policy, event, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key) DO NOTHING`, n.Key, n.Citizen, n.Policy, n.Event, millis(n.At))
	if err != nil || made == 0 {
		return err
	}
	out.Key, out.Topic, out.Citizen = n.Key, outreach.Topic(n.Citizen), n.Citizen
	if err := bot.Tell(t, n.At, out); err != nil {
		return fmt.Errorf("put policy notice: %w", err)
	}
	return nil
}

const noticeColumns = `SELECT n.key, n.citizen, n.policy, n.event, n.at, n.seen_at, COALESCE(o.status, ''),
	COALESCE(a.answer, ''), COALESCE(a.at, 0)
	FROM policy_notice n LEFT JOIN outbox o ON o.key = n.key
	LEFT JOIN policy_answer a ON a.citizen = n.citizen AND a.policy = n.policy AND a.sort = 'course' AND a.at >= n.at`

func (s *Store) notices(ctx context.Context, query string, args ...any) ([]outreach.Notice, error) {
	var out []outreach.Notice
	err := s.rows(ctx, query, func(scan func(...any) error) error {
		var n outreach.Notice
		var at, seen, answered int64
		var status string
		err := scan(&n.Key, &n.Citizen, &n.Policy, &n.Event, &at, &seen, &status, &n.Answer, &answered)
		n.At, n.SeenAt, n.AnsweredAt = fromMillis(at), fromMillis(seen), fromMillis(answered)
		n.Delivered, n.Unreachable = status == "sent", status == "dead" || status == ""
		out = append(out, n)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list policy notices: %w", err)
	}
	return out, nil
}

// PolicyNotices implements outreach.Ledger.
func (s *Store) PolicyNotices(ctx context.Context, citizen bot.CitizenID, limit int) ([]outreach.Notice, error) {
	return s.notices(ctx, noticeColumns+" WHERE n.citizen = $1 ORDER BY n.at DESC, n.key LIMIT $2", citizen, limit)
}

// SeePolicy implements outreach.Ledger.
func (s *Store) SeePolicy(_ context.Context, tx bot.Tx, citizen bot.CitizenID, policy string, at time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE policy_notice SET seen_at = $3 WHERE citizen = $1 AND (policy = $2 OR $2 = '') AND seen_at = 0`,
		citizen, policy, millis(at))
	if err != nil {
		return fmt.Errorf("mark policy notices as seen: %w", err)
	}
	return nil
}

// AnswerPolicy implements outreach.Ledger.
func (s *Store) AnswerPolicy(_ context.Context, tx bot.Tx, citizen bot.CitizenID, policy string, a outreach.Answer, at time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	sort := "course"
	if a == outreach.Useful || a == outreach.Useless {
		sort = "opinion"
	}
	_, err = t.exec(`INSERT INTO policy_answer (citizen, policy, sort, answer, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (citizen, policy, sort) DO UPDATE SET answer = excluded.answer, at = excluded.at`, citizen, policy, sort, a, millis(at))
	if err != nil {
		return fmt.Errorf("keep answer about policy: %w", err)
	}
	return nil
}

// PolicyFigures implements outreach.Ledger.
func (s *Store) PolicyFigures(ctx context.Context, now time.Time) ([]outreach.Figures, error) {
	all, err := s.notices(ctx, noticeColumns+" ORDER BY n.policy")
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var out []outreach.Figures
	of := func(policy string) *outreach.Figures {
		i, ok := at[policy]
		if !ok {
			i = len(out)
			at[policy] = i
			out = append(out, outreach.Figures{Policy: policy})
		}
		return &out[i]
	}
	for _, n := range all {
		count(of(n.Policy), n, now)
	}
	err = s.rows(ctx, "SELECT policy, answer, count(*) FROM policy_answer GROUP BY policy, answer ORDER BY policy", func(scan func(...any) error) error {
		var policy string
		var a outreach.Answer
		var n int
		if err := scan(&policy, &a, &n); err != nil {
			return err
		}
		switch f := of(policy); a {
		case outreach.Applying:
			f.Applying = n
		case outreach.Useful:
			f.Useful = n
		case outreach.Useless:
			f.Useless = n
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count answers about policies: %w", err)
	}
	return out, nil
}

func count(f *outreach.Figures, n outreach.Notice, now time.Time) {
	f.Matched++
	if n.Delivered {
		f.Delivered++
	}
	if !n.SeenAt.IsZero() {
		f.Seen++
	}
	switch n.State(now) {
	case outreach.AnsweredOK:
		f.Answered++
	case outreach.Unreached, outreach.Unseen:
		f.Overdue++
	}
}

// OverdueNotices implements outreach.Ledger.
func (s *Store) OverdueNotices(ctx context.Context, now time.Time, limit int) ([]outreach.Notice, error) {
	all, err := s.notices(ctx, noticeColumns+" WHERE n.seen_at = 0 ORDER BY n.at, n.key")
	if err != nil {
		return nil, err
	}
	var out []outreach.Notice
	for _, n := range all {
		if state := n.State(now); (state == outreach.Unreached || state == outreach.Unseen) && len(out) < limit {
			out = append(out, n)
		}
	}
	return out, nil
}
