package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/sheet"
	"guanjia/bot/store"
	"guanjia/channels/hall"
	"guanjia/channels/web"
	"guanjia/handlers/appointment"
)

// buildHalls makes the halls' pages.
func (s *service) buildHalls() error {
	h := s.house
	var err error
	s.halls, err = hall.New(hall.Config{
		Ledger: h.store, Keeper: keeper{h}, Sieves: h.store, Uploads: h.store, Clerk: s.clerkOf, Known: h.calendar.Known, Audit: h.store.Audit, Excel: oneSheet, Tokens: web.Tokens(), Clock: h.clock, Log: s.log,
		Secure: strings.HasPrefix(s.settings.PublicURL, "https://"),
	})
	return err
}

// clerkOf is who works in halls: clerks of one hall, a town's supervisors in
// the town's, and those who run booking.
func (s *service) clerkOf(r *http.Request) (hall.Clerk, bool) {
	who, err := s.desk.Who(r)
	if err != nil {
		return hall.Clerk{}, false
	}
	switch {
	case who.Role == roleHall, who.Role == "supervisor" && who.Town != "":
		return hall.Clerk{Name: who.Name, Hall: who.Town}, true
	case who.Role == "supervisor", who.Role == "administrator":
		return hall.Clerk{Name: who.Name, Runs: true}, true
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

// Change changes the plan; halls, services and years are then known to the
// conversation too.
func (k keeper) Change(ctx context.Context, c booking.Change, by, reason string) error {
	if err := k.store.Change(ctx, c, k.author(by, reason)); err != nil {
		return err
	}
	return k.learnPlan(ctx)
}

// learnPlan makes the plan as it stands known to the conversation and the pages.
func (h *house) learnPlan(ctx context.Context) error {
	plan, err := h.store.Plan(ctx)
	if err != nil {
		return err
	}
	h.offered.learn(plan)
	h.bookings.SetHalls(plan.Halls)
	h.bookings.SetGuides(h.offered.now.Load().guides)
	h.calendar.learn(plan.Holidays)
	return nil
}

// DecideAppeal settles an appeal and tells the citizen, in one commit.
func (k keeper) DecideAppeal(ctx context.Context, id int64, status booking.AppealStatus, by, answer string) error {
	return k.store.Commit(ctx, func(tx bot.Tx) error {
		a, err := k.store.DecideAppeal(ctx, tx, id, status, bot.Secret(answer), k.author(by, ""))
		if err != nil {
			return err
		}
		return k.tellDecided(ctx, tx, a)
	})
}

// tellDecided tells a citizen of their appeal where they can be written to.
func (k keeper) tellDecided(ctx context.Context, tx bot.Tx, a booking.Appeal) error {
	to, err := k.reach(ctx, a.Citizen)
	if err != nil || to.ID == "" {
		return err
	}
	who, err := k.store.Citizen(ctx, a.Citizen)
	if err != nil {
		return err
	}
	reply := inScript(who.Language, bot.Reply{Text: appointment.Decided(a, who.Language)})
	return bot.Tell(tx, k.clock(), bot.Outgoing{Citizen: a.Citizen, To: to, Reply: reply, Key: fmt.Sprintf("appeal:%d", a.ID)})
}

func (k keeper) Exempt(ctx context.Context, number, by, reason string) error {
	return k.store.Exempt(ctx, number, k.author(by, reason))
}

func (k keeper) Control(ctx context.Context) (booking.Control, error) { return k.store.Control(ctx) }

func (k keeper) SaveControl(ctx context.Context, c booking.Control, by, reason string) error {
	return k.store.SaveControl(ctx, c, k.author(by, reason))
}

func (k keeper) Tuned(ctx context.Context, scope booking.Scope, limit int) ([]hall.Tuned, error) {
	all, err := k.store.Adjustments(ctx, scope, "", limit)
	var out []hall.Tuned
	for _, a := range all {
		out = append(out, hall.Tuned{Adjustment: a.Adjustment, ID: a.ID, At: a.At, Status: string(a.Status), By: a.DecidedBy})
	}
	return out, err
}

func (k keeper) Tune(ctx context.Context, id int64, deed, by string) (bool, error) {
	if deed == "undo" {
		return settled(k.store.UndoAdjustment(ctx, id, k.author(by, "撤回")))
	}
	return settled(k.store.DecideAdjustment(ctx, id, deed == "apply", k.author(by, deed)))
}

func (k keeper) Proposals(ctx context.Context, scope booking.Scope) (booking.Proposals, error) {
	return k.store.Proposals(ctx, scope)
}

func (k keeper) TuneMany(ctx context.Context, scope booking.Scope, apply bool, by, reason string) (booking.Batch, bool, error) {
	b, err := k.store.DecideAdjustments(ctx, scope, apply, k.author(by, reason))
	done, err := settled(err)
	return b, done, err
}

func (k keeper) Batches(ctx context.Context, limit int) ([]booking.Batch, error) {
	return k.store.Batches(ctx, limit)
}

func (k keeper) UndoMany(ctx context.Context, id int64, by, reason string) (bool, error) {
	return settled(k.store.UndoBatch(ctx, id, k.author(by, reason)))
}

// settled parts what somebody settled before from what went wrong.
func settled(err error) (bool, error) {
	if errors.Is(err, store.ErrDecided) || errors.Is(err, store.ErrNoProposals) {
		return false, nil
	}
	return err == nil, err
}

func (k keeper) ExamineServices(raw []byte) (hall.Imported, error) {
	t, err := readServices(bytes.NewReader(raw))
	if err != nil {
		return hall.Imported{}, tableError(err)
	}
	return t.imported(), nil
}

func (k keeper) ImportServices(ctx context.Context, raw []byte, by, reason string) (hall.Imported, error) {
	t, err := readServices(bytes.NewReader(raw))
	if err != nil {
		return hall.Imported{}, tableError(err)
	}
	if t.empty() {
		return hall.Imported{}, &hall.TableError{Why: "没有一行能收下，请照逐行的问题改好再选"}
	}
	return t.imported(), k.takeServices(ctx, t, by, reason)
}

func tableError(err error) error {
	if errors.Is(err, errNoServices) {
		return &hall.TableError{Why: errNoServices.Chinese}
	}
	return &hall.TableError{Why: "读不了这个文件：" + unreadable(err)}
}

// imported is what a table holds, as the pages show it.
func (t serviceTable) imported() hall.Imported {
	v := hall.Imported{Rows: t.rows, Services: len(t.plan.Services), Halls: len(t.plan.Halls), Windows: len(t.plan.Windows), Periods: len(t.plan.Schedules)}
	headings := planHeadings()
	for _, f := range t.faults {
		v.Faults = append(v.Faults, hall.RowFault{Row: f.Row, Column: cmp.Or(headings[f.Column], f.Column), Value: shorten(oneLineText(f.Value), 40), Reason: f.Reason})
	}
	return v
}

func (k keeper) SaveRules(ctx context.Context, all booking.Rules, own map[string]json.RawMessage, by, reason string) (*booking.RuleBook, error) {
	return k.store.SaveRules(ctx, all, own, k.author(by, reason))
}

// oneSheet writes one table as an Excel file.
func oneSheet(name string, rows [][]string) ([]byte, error) {
	return sheet.WriteExcel(sheet.Table{Name: name, Rows: rows})
}
