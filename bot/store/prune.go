package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/privacy"
)

// How long is kept what only the service itself needs, in days.
const (
	inboxDays  = 30  // to know a message again that a platform sends twice
	outboxDays = 180 // what was said, as it was delivered
	changeDays = 30  // for desks that come back
	callDays   = 180 // what calls the service placed, as long as their recordings
	tryDays    = 3   // how often somebody was rung in a day
)

// pruneLot is how many rows go in one commit, which others wait for.
const pruneLot = 500

// pruned is a table whose old rows go. Where there are many rows, they are
// found by their key, which has an index where their time has none: numbered
// rows came in the order of their numbers, and the last of them stays, for
// numbers go on from it; dated ones begin with a date behind two letters.
type pruned struct {
	name, key, at string
	numbered      bool
	dated         string // the letters
	days          int
	only          string // a further condition
}

// Prune removes what is past its term (个人信息保护法 article 19) and returns
// how many rows of each table went. What was removed is noted in the audit
// trail. It may be called as often as one likes.
func (s *Store) Prune(ctx context.Context, terms []privacy.Term, now time.Time) (map[string]int, error) {
	if err := s.Settle(ctx); err != nil {
		return nil, fmt.Errorf("prune: %w", err)
	}
	gone := map[string]int{}
	var note []string
	for _, p := range prunes(terms) {
		if p.days == 0 {
			continue
		}
		n, err := s.prune(ctx, p, now.AddDate(0, 0, -p.days))
		if err != nil {
			return gone, fmt.Errorf("prune %s: %w", p.name, err)
		}
		if n > 0 {
			gone[p.name] = n
			note = append(note, fmt.Sprintf("%s %d", p.name, n))
		}
	}
	if len(note) == 0 {
		return gone, nil
	}
	return gone, s.Audit(ctx, bot.AuditEntry{At: now, Actor: "system", Deed: bot.AuditPrune, Reason: strings.Join(note, ", ")})
}

func prunes(terms []privacy.Term) []pruned {
	days := map[privacy.Kind]int{}
	for _, t := range terms {
		days[t.Kind] = t.Days
	}
	return []pruned{
		{name: "line", key: "id", at: "at", numbered: true, days: days[privacy.Words]},
		{name: "missed", key: "id", at: "at", numbered: true, days: days[privacy.Words]},
		{name: "attachment", key: "id", at: "at", days: days[privacy.Attachments]},
		{name: "appointment", key: "number", at: "created_at", dated: "YY", days: days[privacy.Appointments]},
		{name: "opinion", key: "number", at: "at", dated: "YY", days: days[privacy.Appointments]},
		{name: "rating", key: "id", at: "at", numbered: true, days: days[privacy.Ratings]},
		// The sheets of one conversation go together, with the last of them.
		{name: "sample", key: "handoff", at: "at", days: days[privacy.Words], only: " AND NOT EXISTS (SELECT 1 FROM sample n WHERE n.handoff = sample.handoff AND n.at >= $1)"},
		{name: "city_query", key: "id", at: "at", numbered: true, days: days[privacy.LookUps]},
		{name: "inbox", key: "id", at: "received_at", numbered: true, days: inboxDays, only: " AND answered <> 0"},
		{name: "outbox", key: "id", at: "due", numbered: true, days: outboxDays, only: " AND status IN ('sent', 'dead')"},
		{name: "outcall", key: "key", at: "at", days: callDays, only: " AND state NOT IN ('waiting', 'ringing')"},
		{name: "outcall_try", key: "id", at: "at", days: tryDays},
		{name: "change", key: "seq", at: "at", numbered: true, days: changeDays},
	}
}

// prune removes rows from before an instant, lot by lot.
func (s *Store) prune(ctx context.Context, p pruned, before time.Time) (gone int, err error) {
	condition, args := "", []any{millis(before), pruneLot}
	switch {
	case p.numbered:
		bound, err := s.firstSince(ctx, p, millis(before))
		if err != nil {
			return 0, err
		}
		condition, args = p.key+" < $3 AND ", append(args, bound)
	case p.dated != "":
		condition, args = p.key+" < $3 AND ", append(args, p.dated+before.In(bot.Shanghai()).Format("060102"))
	}
	query := "DELETE FROM " + p.name + " WHERE " + p.key + " IN (SELECT " + p.key + " FROM " + p.name +
		" WHERE " + condition + p.at + " < $1" + p.only + " LIMIT $2)"
	for {
		var n int64
		err := s.writer.commit(ctx, func(t *Tx) error {
			var err error
			n, err = t.exec(query, args...)
			return err
		})
		gone += int(n)
		if err != nil || n < pruneLot {
			return gone, err
		}
	}
}

// firstSince finds, by halves, the number of the first row that is not from
// before an instant; of the last row where all are.
func (s *Store) firstSince(ctx context.Context, p pruned, before int64) (int64, error) {
	var first, last int64
	err := s.rows(ctx, "SELECT COALESCE(MIN("+p.key+"), 0), COALESCE(MAX("+p.key+"), 0) FROM "+p.name, func(scan func(...any) error) error {
		return scan(&first, &last)
	})
	for err == nil && first < last {
		middle := first + (last-first)/2
		var at int64
		err = s.rows(ctx, "SELECT "+p.at+" FROM "+p.name+" WHERE "+p.key+" >= $1 ORDER BY "+p.key+" LIMIT 1", func(scan func(...any) error) error {
			return scan(&at)
		}, middle)
		if at < before {
			first = middle + 1
		} else {
			last = middle
		}
	}
	return last, err
}
