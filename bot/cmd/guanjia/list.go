package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/knowledge"
)

// The rows of list --json, in the contract's order of keys.
type (
	appointmentRow struct {
		Number    string `json:"number"`
		Citizen   string `json:"citizen"`
		Service   string `json:"service"`
		ServiceID string `json:"service_id"`
		Hall      string `json:"hall"`
		HallID    string `json:"hall_id"`
		Date      string `json:"date"`
		Time      string `json:"time"`
		Name      string `json:"name"`
		Phone     string `json:"phone"`
		Status    string `json:"status"`
		CreatedAt string `json:"created_at"`
	}
	ticketRow struct {
		Number     string `json:"number"`
		Citizen    string `json:"citizen"`
		Channel    string `json:"channel"`
		Kind       string `json:"kind"`
		Type       string `json:"type"`
		Category   string `json:"category"`
		Title      string `json:"title"`
		Text       string `json:"text"`
		Town       string `json:"town"`
		Address    string `json:"address"`
		Name       string `json:"name"`
		Phone      string `json:"phone"`
		Urgency    string `json:"urgency"`
		Department string `json:"department"`
		Status     string `json:"status"`
		DueAt      string `json:"due_at"`
		CreatedAt  string `json:"created_at"`
		// What only some tickets have stands beside what every row has.
		Village     string   `json:"village,omitempty"`
		Affected    int      `json:"affected,omitempty"`
		ContactWish string   `json:"contact_wish,omitempty"`
		Needs       []string `json:"needs,omitempty"`
		Attachments int      `json:"attachments,omitempty"`
	}
	handoffRow struct {
		Conversation string `json:"conversation"`
		Citizen      string `json:"citizen"`
		Channel      string `json:"channel"`
		Reason       string `json:"reason"`
		Summary      string `json:"summary"`
		Status       string `json:"status"`
		Operator     string `json:"operator"`
	}
	wishRow struct {
		Number    string  `json:"number"`
		Town      string  `json:"town"`
		Category  string  `json:"category"`
		Text      string  `json:"text"`
		Amount    float64 `json:"amount"`
		Status    string  `json:"status"`
		ClaimedBy string  `json:"claimed_by"`
	}
	openingRow struct {
		ServiceID string `json:"service_id"`
		HallID    string `json:"hall_id"`
		Date      string `json:"date"`
		Time      string `json:"time"`
		Capacity  int    `json:"capacity"`
		Remaining int    `json:"remaining"`
	}
)

// lister prints records.
type lister struct {
	store  *store.Store
	title  func(service string) string
	hall   func(hall string) string
	now    time.Time
	reveal bool
}

// newLister reads the names records are shown with.
func newLister(ctx context.Context, s *store.Store, base *knowledge.Base, now time.Time, reveal bool) (*lister, error) {
	halls, err := s.Halls(ctx)
	if err != nil {
		return nil, err
	}
	services, err := s.Services(ctx)
	if err != nil {
		return nil, err
	}
	titles, names := map[string]string{}, map[string]string{}
	for _, v := range services {
		titles[v.ID] = v.Title
	}
	for _, h := range halls {
		names[h.ID] = h.Name
	}
	return &lister{
		store: s, now: now, reveal: reveal,
		title: func(id string) string {
			if g, ok := base.Guide(id); ok {
				return g.Title
			}
			return firstOf(titles[id], id)
		},
		hall: func(id string) string { return firstOf(names[id], id) },
	}, nil
}

// listable says whether there are records of this kind.
func listable(what string) bool {
	return slices.Contains([]string{"appointments", "tickets", "handoffs", "wishes", "openings"}, what)
}

// list prints the records of a kind, one JSON object a line or a table.
func (l *lister) list(ctx context.Context, con console, what string, asJSON bool) error {
	rows, err := l.rows(ctx, what)
	if err != nil {
		return err
	}
	if !asJSON {
		return table(con.out, rows)
	}
	for _, r := range rows {
		if err := printJSON(con.out, r); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) rows(ctx context.Context, what string) ([]any, error) {
	switch what {
	case "appointments":
		return l.appointments(ctx)
	case "tickets":
		return l.tickets(ctx)
	case "handoffs":
		return l.handoffs(ctx)
	case "openings":
		return l.openings(ctx)
	case "wishes":
		return l.wishes(ctx)
	}
	return nil, fmt.Errorf("no records are called %q", what)
}

func (l *lister) appointments(ctx context.Context) ([]any, error) {
	all, err := l.store.AllAppointments(ctx)
	var rows []any
	for _, a := range all {
		rows = append(rows, appointmentRow{
			Number: a.Number, Citizen: string(a.Citizen), Service: l.title(a.Service), ServiceID: a.Service,
			Hall: l.hall(a.Hall), HallID: a.Hall, Date: a.Date, Time: a.Time,
			Name: l.shown(a.Name, bot.MaskName), Phone: l.shown(a.Phone, bot.MaskPhone),
			Status: string(a.Status), CreatedAt: stamp(a.CreatedAt),
		})
	}
	return rows, err
}

func (l *lister) tickets(ctx context.Context) ([]any, error) {
	all, err := l.store.AllTickets(ctx)
	var rows []any
	for _, v := range all {
		rows = append(rows, ticketRow{
			Number: v.Number, Citizen: string(v.Citizen), Channel: string(v.Channel), Kind: string(v.Kind), Type: string(v.Type),
			Category: v.Category, Title: v.Title, Text: l.shown(v.Text, hidden), Town: v.Town,
			Address: l.shown(v.Address, hidden), Name: l.shown(v.Name, bot.MaskName), Phone: l.shown(v.Phone, bot.MaskPhone),
			Urgency: string(v.Urgency), Department: v.Department, Status: string(v.Status),
			DueAt: stamp(v.DueAt), CreatedAt: stamp(v.CreatedAt),
			Village: v.Village, Affected: v.Affected, ContactWish: l.shown(v.ContactWish, hidden), Needs: v.Needs, Attachments: len(v.Attachments),
		})
	}
	return rows, err
}

func (l *lister) handoffs(ctx context.Context) ([]any, error) {
	all, err := l.store.Handoffs(ctx, false, 100_000)
	var rows []any
	for _, h := range all {
		rows = append(rows, handoffRow{
			Conversation: string(h.Citizen), Citizen: string(h.Citizen), Channel: string(h.Channel),
			Reason: string(h.Reason), Summary: h.Summary, Status: string(h.Status), Operator: h.Operator,
		})
	}
	return rows, err
}

// wishes are those the public list holds: not what waits for a worker's look
// or was taken back.
func (l *lister) wishes(ctx context.Context) ([]any, error) {
	all, err := l.store.Wishes(ctx, ticket.WishQuery{})
	var rows []any
	for _, w := range all {
		if !w.Status.Public() {
			continue
		}
		rows = append(rows, wishRow{
			Number: w.Number, Town: w.Town, Category: w.Category, Text: w.Text, Amount: w.Amount,
			Status: string(w.Status), ClaimedBy: string(w.ClaimedBy),
		})
	}
	return rows, err
}

func (l *lister) openings(ctx context.Context) ([]any, error) {
	// A period that has begun is still today's record.
	all, err := l.store.Openings(ctx, booking.Query{After: startOfDay(l.now)})
	rows := make([]any, 0, len(all))
	for _, o := range all {
		rows = append(rows, openingRow{ServiceID: o.Service, HallID: o.Hall, Date: o.Date, Time: o.Time, Capacity: o.Capacity, Remaining: o.Remaining})
	}
	return rows, err
}

func startOfDay(t time.Time) time.Time {
	y, m, d := t.In(bot.Shanghai()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, bot.Shanghai())
}

// shown is a particular in full with --reveal, masked without.
func (l *lister) shown(s bot.Secret, mask func(string) string) string {
	if l.reveal {
		return s.Reveal()
	}
	return mask(s.Reveal())
}

// hidden masks free words altogether but for their length's hint.
func hidden(s string) string {
	if s == "" {
		return ""
	}
	return "***"
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(bot.Shanghai()).Format(time.RFC3339)
}

// table prints rows for people.
func table(w io.Writer, rows []any) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		var cells []string
		switch v := r.(type) {
		case appointmentRow:
			cells = []string{v.Number, v.Status, v.Date, v.Time, v.Hall, v.Service, v.Name, v.Phone}
		case ticketRow:
			cells = []string{v.Number, v.Status, v.Type, v.Title, v.Department, v.DueAt, v.Name, v.Phone}
		case handoffRow:
			cells = []string{v.Conversation, v.Status, v.Channel, v.Reason, v.Operator, v.Summary}
		case wishRow:
			cells = []string{v.Number, v.Status, v.Town, v.Category, v.Text, v.ClaimedBy}
		case openingRow:
			cells = []string{v.Date, v.Time, v.HallID, v.ServiceID, fmt.Sprintf("%d/%d", v.Remaining, v.Capacity)}
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	return t.Flush()
}
