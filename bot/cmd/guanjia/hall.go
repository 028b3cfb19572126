package main

import (
	"context"
	"encoding/json"
	"net/http"

	"guanjia/bot/booking"
	"guanjia/bot/sheet"
	"guanjia/bot/store"
	"guanjia/channels/hall"
	"guanjia/channels/web"
)

// buildHalls makes the halls' pages.
func (s *service) buildHalls() error {
	h := s.house
	var err error
	s.halls, err = hall.New(hall.Config{
		Ledger: h.store, Keeper: keeper{h}, Clerk: s.clerkOf, Audit: h.store.Audit, Excel: oneSheet, Tokens: web.Tokens(), Clock: h.clock, Log: s.log,
	})
	return err
}

// clerkOf is who works in halls: clerks of one hall, and those who run
// booking.
func (s *service) clerkOf(r *http.Request) (hall.Clerk, bool) {
	who, err := s.desk.Who(r)
	if err != nil {
		return hall.Clerk{}, false
	}
	switch who.Role {
	case "administrator", "supervisor":
		return hall.Clerk{Name: who.Name, Runs: true}, true
	case roleHall:
		return hall.Clerk{Name: who.Name, Hall: who.Town}, true
	}
	return hall.Clerk{}, false
}

// roleHall is the role of a hall's clerks; the hall's id stands where a town's
// would.
const roleHall = "hall"

// keeper changes plan and rules for the pages.
type keeper struct{ *house }

func (k keeper) author(by, reason string) store.Author {
	return store.Author{By: by, Reason: reason, At: k.clock()}
}

func (k keeper) Shut(ctx context.Context, c booking.Closure, by, reason string) error {
	return k.store.Shut(ctx, c, k.author(by, reason))
}

func (k keeper) Reopen(ctx context.Context, id int64, by, reason string) error {
	return k.store.Reopen(ctx, id, k.author(by, reason))
}

func (k keeper) SaveRules(ctx context.Context, all booking.Rules, own map[string]json.RawMessage, by, reason string) (*booking.RuleBook, error) {
	return k.store.SaveRules(ctx, all, own, k.author(by, reason))
}

// oneSheet writes one table as an Excel file.
func oneSheet(name string, rows [][]string) ([]byte, error) {
	return sheet.WriteExcel(sheet.Table{Name: name, Rows: rows})
}
