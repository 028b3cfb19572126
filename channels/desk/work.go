package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Work is what the pages of departments, towns, villages, social workers and
// the 12345 centre are made of. They are plain forms that need no script.
// What an account sees and may do is decided by ticket.Actor alone.
type Work struct {
	Tickets  Tickets
	Office   Office
	Claiming Claiming
	Sieves   Sieves // nil: filters are not kept
	Keep     func(ctx context.Context, of bot.CitizenID, a bot.Attachment, at time.Time) (string, error)
	// Categories of the dispatch catalogue, in its order.
	Categories []ticket.Category
	// Sheet writes tables with headings as Excel; nil: none is offered.
	Sheet func(tables []WorkTable) ([]byte, error)
}

// Tickets is what the pages read.
type Tickets interface {
	TicketRules() ticket.Rules
	SaveLimits(ctx context.Context, l ticket.Limits, by string, at time.Time) error
	Inbox(ctx context.Context, q ticket.InboxQuery) ([]ticket.Ticket, error)
	InboxCounts(ctx context.Context, a ticket.Actor) (map[ticket.Status]int, error)
	Ticket(ctx context.Context, number string) (ticket.Ticket, []ticket.Step, error)
	Notices(ctx context.Context, number string) ([]ticket.Told, error)
	Claims(ctx context.Context, wish string) ([]ticket.Claim, error)
	ClaimsIn(ctx context.Context, town string, limit int) ([]ticket.Claim, error)
	Wishes(ctx context.Context, q ticket.WishQuery) ([]ticket.Wish, error)
	WordsWaiting(ctx context.Context, town string, limit int) ([]ticket.Word, error)
	Donors(ctx context.Context, needs []string, town string, limit int) ([]ticket.Offer, error)
	Events(ctx context.Context, since time.Time) ([]ticket.Surge, error)
	Period(ctx context.Context, from, to time.Time) (ticket.Period, error)
	Keys(ctx context.Context, now time.Time) ([]ticket.APIKey, error)
	AddKey(ctx context.Context, name, secret string, quota int, at time.Time) error
	RevokeKey(ctx context.Context, name string, at time.Time) error
}

// Office carries commands out.
type Office interface {
	Do(ctx context.Context, number string, c ticket.Command) (ticket.Ticket, error)
}

// Claiming settles claims.
type Claiming interface {
	Confirm(ctx context.Context, number string, claim int64, by ticket.Actor, at time.Time) error
	Deliver(ctx context.Context, number string, claim int64, by ticket.Actor, note, thanks bot.Secret, at time.Time) error
	Release(ctx context.Context, number string, claim int64, by ticket.Actor, why string, at time.Time) error
	// PassOn and KeepBack settle what the two sides of a wish say to each other.
	PassOn(ctx context.Context, id int64, by ticket.Actor, words bot.Secret, at time.Time) error
	KeepBack(ctx context.Context, id int64, by ticket.Actor, why string, at time.Time) error
}

func (d *Desk) workRoutes(mux *http.ServeMux) {
	if d.Work == nil {
		return
	}
	mux.HandleFunc("GET /desk/work/{$}", d.working(d.workInbox))
	mux.HandleFunc("GET /desk/work/ticket/{number}", d.working(d.workTicket))
	mux.HandleFunc("GET /desk/work/ticket/{number}/picture/{id}", d.working(d.workPicture))
	mux.HandleFunc("POST /desk/work/ticket/{number}/{action}", d.working(d.workDeed))
	mux.HandleFunc("POST /desk/work/dispatch", d.working(d.sendMany))
	if d.Work.Sieves != nil {
		mux.HandleFunc("POST /desk/work/sieves", d.working(d.keepSieve))
	}
	mux.HandleFunc("GET /desk/work/claims", d.working(d.workClaims))
	mux.HandleFunc("POST /desk/work/claims/{number}/words/{id}/{action}", d.working(d.workWord))
	mux.HandleFunc("POST /desk/work/claims/{number}/publish", d.working(d.workPublish))
	mux.HandleFunc("POST /desk/work/claims/{number}/{claim}/{action}", d.working(d.workSettle))
	mux.HandleFunc("GET /desk/work/report", d.working(d.workReport))
	mux.HandleFunc("GET /desk/work/report.svg", d.working(d.workChart))
	mux.HandleFunc("GET /desk/work/report.xlsx", d.working(d.workSheet))
	mux.HandleFunc("GET /desk/work/surges", d.working(d.workSurges))
	mux.HandleFunc("GET /desk/work/limits", d.working(d.workLimits))
	mux.HandleFunc("POST /desk/work/limits", d.working(d.workLimits))
	mux.HandleFunc("GET /desk/work/keys", d.working(d.workKeys))
	mux.HandleFunc("POST /desk/work/keys", d.working(d.workKeys))
}

// works says whether an account has any business with tickets.
func works(who Account) bool { return who.Actor.Worker() || who.Actor.Role == ticket.RoleCentre }

// working lets those through who deal with tickets.
func (d *Desk) working(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := d.who(r)
		switch {
		case errors.Is(err, ErrNoAccount) && r.Method == http.MethodGet:
			http.Redirect(w, r, "/desk/login", http.StatusSeeOther)
		case errors.Is(err, ErrNoAccount):
			d.workSay(w, http.StatusUnauthorized, Account{}, "请先登录。")
		case err != nil:
			d.fail(w, "read session", err)
		case !works(who):
			d.workSay(w, http.StatusForbidden, who, "您的账号不办理诉求。需要的话，请管理员开通。")
		default:
			d.used(r)
			next(w, r, who)
		}
	}
}

// workPage is what every page knows.
type workPage struct {
	Who   Account
	Body  string // whom the account works for
	Title string
	Now   time.Time
	Said  string
	Out   bool // nothing here is the account's, or nobody is signed in
	Data  any
}

func (d *Desk) workShow(w http.ResponseWriter, status int, name, title string, who Account, data any) {
	p := workPage{Who: who, Body: d.bodyOf(who), Title: title, Now: d.Clock(), Data: data}
	d.render(w, status, name, p)
}

func (d *Desk) bodyOf(who Account) string {
	if who.Actor.Role == ticket.RoleCentre {
		return "12345 中心"
	}
	return d.Work.Tickets.TicketRules().Names.Body(who.Actor.Body)
}

// workSay is a page of one sentence with a way on.
func (d *Desk) workSay(w http.ResponseWriter, status int, who Account, sentence string) {
	p := workPage{Who: who, Title: "提示", Said: sentence, Out: !works(who), Now: d.Clock()}
	if !p.Out {
		p.Body = d.bodyOf(who)
	}
	d.render(w, status, "work-say.html", p)
}

// inboxTab is a view of the inbox.
type inboxTab struct {
	Key, Name string
	States    []ticket.Status
	Late      bool
	Count     int
	On        bool
}

// tabs are the views in the order of the work; what each role has to do comes
// first.
func tabs(a ticket.Actor) []inboxTab {
	if a.Role == ticket.RoleCentre {
		return []inboxTab{
			{Key: "dispatch", Name: "待派单", States: []ticket.Status{ticket.Accepted, ticket.Returned, ticket.Reopened}},
			{Key: "review", Name: "待审核", States: []ticket.Status{ticket.Replied, ticket.ExtensionRequested}},
			{Key: "follow", Name: "待回访", States: []ticket.Status{ticket.Reviewed, ticket.Closed}},
			{Key: "going", Name: "在办", States: []ticket.Status{ticket.Dispatched, ticket.Signed, ticket.Processing}},
			{Key: "late", Name: "已逾期", Late: true, States: openStates()},
			{Key: "all", Name: "全部"},
		}
	}
	return []inboxTab{
		{Key: "sign", Name: "待签收", States: []ticket.Status{ticket.Dispatched}},
		{Key: "going", Name: "办理中", States: []ticket.Status{ticket.Signed, ticket.Processing, ticket.ExtensionRequested}},
		{Key: "late", Name: "已逾期", Late: true, States: openStates()},
		{Key: "done", Name: "已答复", States: []ticket.Status{ticket.Replied, ticket.Reviewed, ticket.Closed}},
		{Key: "all", Name: "全部"},
	}
}

func openStates() []ticket.Status {
	return []ticket.Status{ticket.Accepted, ticket.Dispatched, ticket.Signed, ticket.Returned, ticket.Processing, ticket.ExtensionRequested, ticket.Replied, ticket.Reopened}
}

// mostListed is how many tickets a page lists.
const mostListed = 100

func (d *Desk) workInbox(w http.ResponseWriter, r *http.Request, who Account) {
	number, lost, found := d.lookUp(w, r, who)
	if found {
		return
	}
	counts, err := d.Work.Tickets.InboxCounts(r.Context(), who.Actor)
	if err != nil {
		d.fail(w, "count inbox", err)
		return
	}
	all := tabs(who.Actor)
	on := 0
	for i := range all {
		for _, st := range all[i].States {
			all[i].Count += counts[st]
		}
		if all[i].Key == r.URL.Query().Get("tab") {
			on = i
		}
	}
	all[on].On = true
	by := sievedOf(r.URL.Query())
	query := ticket.InboxQuery{Actor: who.Actor, States: all[on].States, Late: all[on].Late, Town: by.Town, Now: d.Clock(), Limit: mostListed}
	if by.Any() {
		query.Limit = sievedFrom
	}
	list, err := d.Work.Tickets.Inbox(r.Context(), query)
	if err != nil {
		d.fail(w, "list inbox", err)
		return
	}
	list = by.through(list)
	list = list[:min(len(list), mostListed)]
	kept, err := d.keptSieves(r.Context(), who, by)
	if err != nil {
		d.fail(w, "list filters", err)
		return
	}
	var bodies []ticket.Body
	if who.Actor.Role == ticket.RoleCentre && slices.ContainsFunc(list, mayBeSent) {
		bodies = d.bodiesFor(who.Actor, ticket.Ticket{Town: by.Town})
	}
	var surges []ticket.Surge
	if who.Actor.Role == ticket.RoleCentre {
		if surges, err = d.Work.Tickets.Events(r.Context(), d.Clock().Add(-24*time.Hour)); err != nil {
			d.fail(w, "list events", err)
			return
		}
	}
	var towns []choice // there is one alone for who works for one
	if who.Actor.Body.Town == "" {
		towns = d.townList()
	}
	d.workShow(w, http.StatusOK, "work-inbox.html", "诉求", who, map[string]any{"Tabs": all, "Tickets": list, "Surges": surges, "Most": mostListed, "Number": number, "Lost": lost,
		"By": by, "Kept": kept, "Keeps": d.Work.Sieves != nil, "Towns": towns, "Categories": d.Work.Categories, "Bodies": bodies})
}

// lookUp goes straight to the ticket of a number that was typed in, where the
// account may see it; else lost says why not, in one sentence for both, for
// what is not theirs does not exist to them.
func (d *Desk) lookUp(w http.ResponseWriter, r *http.Request, who Account) (number, lost string, found bool) {
	number = strings.ToUpper(strings.Join(strings.Fields(r.URL.Query().Get("number")), ""))
	if number == "" {
		return "", "", false
	}
	t, _, err := d.Work.Tickets.Ticket(r.Context(), number)
	switch {
	case err == nil && who.Actor.Sees(t):
		http.Redirect(w, r, "/desk/work/ticket/"+t.Number, http.StatusSeeOther)
		return number, "", true
	case err == nil || errors.Is(err, ticket.ErrNoTicket):
		return number, "您的清单里没有这一件。", false
	}
	d.fail(w, "look up ticket", err)
	return number, "", true
}

// workCase is a ticket as its page shows it.
type workCase struct {
	T        ticket.Ticket
	Steps    []ticket.Step
	Told     []ticket.Told
	Actions  []ticket.Action
	Claims   []ticket.Claim
	Ways     []ticket.Stage
	Private  string // why the wish is not public; empty where it is
	Category ticket.Category
	Caller   bool // who filed it may be seen, masked
	Phone    string
	Key      string // of the next deed: a form sent twice does it once
	Error    string
	Words    string
	Bodies   []ticket.Body
	All      []ticket.Category
	Names    ticket.Names
	Latest   string // date an extension may be asked for at the most
}

// seen finds a ticket the account may see; to everybody else it does not exist.
func (d *Desk) seen(w http.ResponseWriter, r *http.Request, who Account) (ticket.Ticket, []ticket.Step, bool) {
	t, steps, err := d.Work.Tickets.Ticket(r.Context(), r.PathValue("number"))
	if errors.Is(err, ticket.ErrNoTicket) || err == nil && !who.Actor.Sees(t) {
		d.workSay(w, http.StatusNotFound, who, "您的清单里没有这一件。")
		return t, nil, false
	}
	if err != nil {
		d.fail(w, "load ticket", err)
		return t, nil, false
	}
	return t, steps, true
}

func (d *Desk) workTicket(w http.ResponseWriter, r *http.Request, who Account) {
	t, steps, ok := d.seen(w, r, who)
	if !ok || !d.audit(w, r, who.Name, "look at ticket", t.Number) {
		return
	}
	d.workCase(w, r, who, http.StatusOK, workCase{T: t, Steps: steps})
}

func (d *Desk) workCase(w http.ResponseWriter, r *http.Request, who Account, status int, c workCase) {
	rules := d.Work.Tickets.TicketRules()
	t := c.T
	var err error
	if c.Told, err = d.Work.Tickets.Notices(r.Context(), t.Number); err != nil {
		d.fail(w, "list notices", err)
		return
	}
	if t.Kind == ticket.Help {
		var pool []ticket.Offer
		if needs := ticket.IDs(ticket.NeedsIn(t)); len(needs) > 0 {
			if pool, err = d.Work.Tickets.Donors(r.Context(), needs, t.Town, mostListed); err != nil {
				d.fail(w, "look through the pool", err)
				return
			}
		}
		c.Ways = ticket.Stages(t, rules.Limits, pool)
		c.Private = ticket.Private(t, rules, bot.Simplified)
		if c.Claims, err = d.Work.Tickets.Claims(r.Context(), t.Number); err != nil {
			d.fail(w, "list claims", err)
			return
		}
	}
	c.Actions = ticket.Allowed(t, who.Actor, rules, d.Clock())
	c.Caller = who.Actor.SeesCaller(t)
	c.Category = d.category(t.Category)
	c.Key = strconv.FormatInt(t.Life.Version, 10)
	c.Bodies, c.All = d.bodiesFor(who.Actor, t), d.Work.Categories
	c.Names = rules.Names
	c.Latest = rules.Latest(t).Format(time.DateOnly)
	d.workShow(w, status, "work-ticket.html", t.Number, who, c)
}

func (d *Desk) category(id string) ticket.Category {
	for _, c := range d.Work.Categories {
		if c.ID == id {
			return c
		}
	}
	return ticket.Category{ID: id, Name: ticket.NeedByID(id).Name}
}

// bodiesFor are those a ticket can be sent to: by the centre every department,
// its branch in the town, and the town, the one it most likely belongs to first;
// by a worker those below them.
func (d *Desk) bodiesFor(a ticket.Actor, t ticket.Ticket) []ticket.Body {
	var out []ticket.Body
	if a.Worker() {
		if a.Body.Department == "" && a.Role == ticket.RoleTown {
			if t.Village != "" {
				out = append(out, ticket.Body{Town: a.Body.Town, Village: t.Village})
			}
			out = append(out, ticket.Body{Town: a.Body.Town, Social: true})
		}
		if a.Body.Department != "" && a.Body.Town == "" && t.Town != "" {
			out = append(out, ticket.Body{Department: a.Body.Department, Town: t.Town})
		}
		return out
	}
	if t.Town != "" {
		out = append(out, ticket.Body{Town: t.Town})
	}
	seen := map[string]bool{}
	for _, c := range d.Work.Categories {
		if seen[c.DepartmentID] {
			continue
		}
		seen[c.DepartmentID] = true
		if c.TownBody != "" && t.Town != "" {
			out = append(out, ticket.Body{Department: c.DepartmentID, Town: t.Town})
		}
		out = append(out, ticket.Body{Department: c.DepartmentID})
	}
	if likely, ok := ticket.Route(t); ok && slices.Contains(out, likely) {
		out = slices.Insert(slices.DeleteFunc(out, func(b ticket.Body) bool { return b == likely }), 0, likely)
	}
	return out
}

// workPicture shows a picture that belongs to a ticket the account sees.
func (d *Desk) workPicture(w http.ResponseWriter, r *http.Request, who Account) {
	t, steps, ok := d.seen(w, r, who)
	if !ok {
		return
	}
	id := r.PathValue("id")
	known := strings.Contains(","+strings.Join(t.Attachments, ",")+",", ","+id+",")
	for _, s := range steps {
		known = known || s.Attachment == id
	}
	a, _, err := d.Records.Attachment(r.Context(), id)
	if !known || err != nil || !strings.HasPrefix(a.Type, "image/") {
		d.workSay(w, http.StatusNotFound, who, "没有这张照片。")
		return
	}
	w.Header().Set("Content-Type", a.Type)
	w.Header().Set("Content-Disposition", "inline; filename=picture")
	w.Write(a.Bytes)
}
