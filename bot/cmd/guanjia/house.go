package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/inmem"
	"guanjia/bot/jobs"
	"guanjia/bot/picture"
	"guanjia/bot/privacy"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/bot/tracing"
	"guanjia/channels/terminal"
	"guanjia/config"
	"guanjia/handlers/appointment"
	"guanjia/handlers/claim"
	"guanjia/handlers/healthcode"
	"guanjia/handlers/help"
	"guanjia/handlers/policy"
	"guanjia/handlers/progress"
	"guanjia/handlers/report"
	"guanjia/intents/hanzi"
	"guanjia/knowledge"
	"guanjia/knowledge/policies"
	"guanjia/knowledge/themes"
	"guanjia/knowledge/ways"
)

// house is the service put together: store, understanding, knowledge, engine
// and the work that runs without a citizen's word.
type house struct {
	settings    config.Settings
	store       *store.Store
	hub         *inmem.Hub
	guides      *knowledge.Store
	base        *knowledge.Base
	themes      *themes.Catalogue
	policies    *policies.Shelf
	ways        *ways.Catalogue
	city        *city // nil: the city's data is not asked
	policy      *policy.Errand
	towns       []config.Town
	positions   map[string]config.Position
	departments []config.Department
	terms       []privacy.Term // what is kept of citizens, and how long
	categories  []config.Category
	sorts       *ticket.Sorter // by the catalogue alone; nil where there were corrections
	office      *ticket.Office
	claiming    *ticket.Claiming
	mind        bot.Understander
	taught      *taught // below mind: what may be learnt anew
	school      *school
	models      *models
	engine      *bot.Engine
	dispatcher  *jobs.Dispatcher
	tasks       []jobs.Task
	bookings    *appointment.Errand
	progress    *progress.Errand
	duty        *duty
	inForce     ruleFile

	learning     sync.WaitGroup
	stopLearning context.CancelFunc // nil where nothing is learnt meanwhile
	told         sync.Map           // keys of messages about shut openings that are out
	bag          *terminal.Mailbag
	clock        bot.Clock
	moveClock    func(time.Time) // nil where the clock is the machine's
	calendar     workdays
	offered      *offered
	released     []string // days whose openings were released on opening
	log          *slog.Logger
}

// pictureSide is the longer side of a kept picture in pixels, at most: a page of
// small print stays readable.
const pictureSide = 4096

// opening is how a house is opened.
type opening struct {
	settings config.Settings
	dir      string // the data directory
	now      time.Time
	live     bool      // a clock that goes, and channels instead of the mailbag
	clock    bot.Clock // when live; nil: the machine's
	alone    bool      // nobody sits behind the conversation: a terminal's
	log      *slog.Logger
	// lent is an open house whose knowledge and understanding, which never
	// change by talking, are used here too; nil: they are opened anew.
	lent     *house
	lenience float64 // see school; 0 but in tests
	// faulty stands between the engine and what it relies on, in tests; nil:
	// nothing does.
	faulty *faulty
	traces *tracing.Tracer // nil: nobody is told the way of messages
}

// standingClock stands still until it is moved.
type standingClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *standingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *standingClock) move(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = to
}

// openHouse puts the service together on a data directory it then owns.
func openHouse(ctx context.Context, o opening) (*house, error) {
	h := &house{settings: o.settings, hub: inmem.NewHub(), bag: &terminal.Mailbag{}, log: o.log, clock: bot.SystemClock}
	if o.clock != nil {
		h.clock = o.clock
	}
	if !o.live {
		if o.now.IsZero() {
			o.now = bot.SystemClock()
		}
		clock := &standingClock{now: o.now.In(bot.Shanghai())}
		h.clock, h.moveClock = clock.Now, clock.move
	}
	h.calendar = newWorkdays()
	var err error
	if h.departments, h.categories, err = config.Catalogue(); err != nil {
		return nil, err
	}
	if h.towns, err = config.Towns(); err != nil {
		return nil, err
	}
	if h.positions, err = config.Positions(); err != nil {
		return nil, err
	}
	if h.terms, err = privacyTerms(); err != nil {
		return nil, err
	}
	records, err := recordsOf(o.settings)
	if err != nil {
		return nil, err
	}
	records.Dir, records.Address, records.Rules, records.Calendar = o.dir, o.settings.PeerAddr, booking.DefaultRules(), h.calendar
	records.Names, records.Notify, records.Now = bodyNames(h.departments, h.towns), h.hub.Publish, h.clock()
	if h.store, err = store.Open(ctx, records); err != nil {
		return nil, err
	}
	if err := h.furnish(ctx, o); err != nil {
		h.models.close()
		h.endLearning()
		return nil, fmt.Errorf("%w (closing: %v)", err, h.store.Close())
	}
	return h, nil
}

// furnish adds knowledge, understanding, errands and timed work to the store.
func (h *house) furnish(ctx context.Context, o opening) error {
	if err := h.learn(ctx, o); err != nil {
		return err
	}
	var err error
	if h.models, err = openModels(o.settings, o.log); err != nil {
		return err
	}
	if err := h.models.consider(h.base, filepath.Join(o.dir, "vectors")); err != nil {
		return err
	}
	if h.settings.Demo {
		if err := h.store.SavePlan(ctx, demoPlan(h.base, config.Halls(h.towns))); err != nil {
			return err
		}
	}
	plan, err := h.store.Plan(ctx)
	if err != nil {
		return err
	}
	h.calendar.learn(plan.Holidays)
	h.offered.learn(plan)
	h.office = &ticket.Office{Books: h.store, Style: inScript}
	h.claiming = &ticket.Claiming{Books: h.store, Style: inScript}
	h.duty = &duty{}
	if err := h.duty.look(ctx, h.store, h.clock()); err != nil {
		return err
	}
	h.tasks = []jobs.Task{
		{Name: "look who is on", Do: func(ctx context.Context, now time.Time) error { return h.duty.look(ctx, h.store, now) }},
		{Name: "end holds", Do: func(ctx context.Context, now time.Time) error {
			_, err := h.store.ExpireHolds(ctx, now)
			return err
		}},
		{Name: "tell the promoted", Do: h.tellPromoted}, {Name: "tell the affected", Do: h.tellAffected},
		{Name: "ask the served", Do: every(time.Minute, h.askServed)},
		{Name: "tune the release", Do: every(10*time.Minute, func(ctx context.Context, now time.Time) error {
			_, err := h.store.TuneRelease(ctx, now)
			return err
		})},
		{Name: "watch tickets", Do: h.office.Watch}, {Name: "watch claims", Do: h.claiming.Watch}, {Name: "watch surges", Do: h.store.WatchSurges},
		{Name: "end switches that are over", Do: h.store.ExpireSwitches},
		{Name: "release openings", Do: func(ctx context.Context, now time.Time) error {
			_, err := h.store.ReleaseOpenings(ctx, now)
			return err
		}},
		{Name: "mark no-shows", Do: func(ctx context.Context, now time.Time) error {
			_, err := h.store.MarkNoShows(ctx, now)
			return err
		}},
		h.tellPolicies(),
		h.prune(),
		h.pullCatalogue(o.dir),
	}
	if o.lent == nil { // what is lent is the lender's to look after
		h.tasks = append(h.tasks, jobs.Task{Name: "take up guides", Do: func(ctx context.Context, _ time.Time) error { return h.guides.Refresh(ctx) }})
	}
	if h.released, err = h.store.ReleaseOpenings(ctx, h.clock()); err != nil {
		return err
	}
	flows, answers, err := h.errands(ctx, plan.Halls, o.alone && h.settings.Demo)
	if err != nil {
		return err
	}
	var engineStore bot.Store = h.store
	if o.faulty != nil {
		o.faulty.Store, o.faulty.mind = h.store, h.mind
		engineStore, h.mind = o.faulty, o.faulty
	}
	var turns bot.Turns = inmem.NewTurns()
	propose := h.models.proposer()
	if o.traces != nil {
		engineStore, turns, propose = o.traces.Store(engineStore), o.traces.Turns(turns), o.traces.Proposer(propose)
	}
	h.engine = bot.NewEngine(bot.EngineConfig{
		Store: engineStore, Outbox: h.store, Turns: turns, Understand: h.mind, Propose: propose,
		Flows: flows, Answers: answers, Clock: h.clock, Style: inScript, Log: o.log, Places: townNames(h.towns),
		Switches: h.store,
		Hours:    h.duty.hours,
		Redraw:   func(raw []byte) ([]byte, string, error) { return picture.Redraw(raw, pictureSide) },
		DataPage: strings.TrimRight(h.settings.PublicURL, "/") + "/h5/data",
	})
	h.school = &school{dir: o.dir, base: h.base, towns: h.towns, store: h.store, engine: h.engine, taught: h.taught, clock: h.clock, lenience: o.lenience}
	last, err := h.store.LastAt(ctx)
	if err != nil {
		return err
	}
	h.dispatcher = &jobs.Dispatcher{Outbox: h.store, Clock: h.clock, Log: o.log, Since: last, Sure: h.store.Assured,
		Senders: map[bot.Channel]bot.Sender{bot.WeChat: h.bag, bot.Hotline: h.bag, bot.Web: h.bag}}
	return nil
}

// learn opens what the service knows and how it understands, or borrows both.
func (h *house) learn(ctx context.Context, o opening) error {
	if o.lent != nil {
		h.guides, h.base, h.taught = o.lent.guides, o.lent.base, o.lent.taught
		h.themes, h.policies, h.ways, h.sorts = o.lent.themes, o.lent.policies, o.lent.ways, o.lent.sorts
		h.understand()
		return nil
	}
	var err error
	if h.guides, err = knowledge.Open(ctx, o.dir, h.store); err != nil {
		return err
	}
	h.base = h.guides.Base()
	h.base.Remember()
	if err = h.openMatters(o.dir); err != nil {
		return err
	}
	h.taught = &taught{}
	h.understand()
	if o.live {
		h.learnMeanwhile(ctx, o)
		return nil
	}
	mind, err := openMind(ctx, h.base, h.towns, shelf(o.dir), examplesOf(o.dir))
	if err != nil {
		return err
	}
	h.taught.serve(mind)
	return nil
}

// understand puts what is this house's own around what was learnt.
func (h *house) understand() {
	h.offered = &offered{base: h.base}
	h.offered.learn(booking.Plan{})
	h.mind = themed{local{h.taught, h.calendar, h.offered}, h.themes, h.policies, h.ways}
}

// learnMeanwhile learns while the doors open: the first time it takes some
// seconds, and who speaks before it is done waits as long.
func (h *house) learnMeanwhile(ctx context.Context, o opening) {
	h.taught.ready = make(chan struct{})
	learning, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stopLearning = stop
	h.learning.Go(func() {
		defer close(h.taught.ready)
		mind, err := openMind(learning, h.base, h.towns, shelf(o.dir), examplesOf(o.dir))
		if err != nil {
			h.taught.fault = fmt.Errorf("learn to understand: %w", err)
			return
		}
		h.taught.serve(mind)
		// The first question makes what questions are read by: not while somebody
		// waits, and before what that took is given back.
		h.base.Ask(learning, knowledge.Question{Text: "居住证要带什么材料", Now: h.clock()})
		debug.FreeOSMemory() // what learning took is not needed again
	})
}

// endLearning stops what is still being learnt and waits for it.
func (h *house) endLearning() {
	if h.stopLearning != nil {
		h.stopLearning()
	}
	h.learning.Wait()
}

// errands is the list of everything the service can do.
func (h *house) errands(ctx context.Context, halls []booking.Hall, alone bool) ([]*bot.Flow, []*bot.Answer, error) {
	towns := townNames(h.towns)
	sorter, err := h.sorter(ctx)
	if err != nil {
		return nil, nil, err
	}
	near, err := h.near()
	if err != nil {
		return nil, nil, err
	}
	h.bookings = appointment.New(appointment.Config{
		Ledger: h.store, Halls: halls, Guides: h.offered.now.Load().guides,
		Popular: popular(h.base), Calendar: h.calendar, Finder: h.offered, Where: h.where,
	})
	h.progress = progress.New(progress.Config{Ledger: h.store, Office: h.office, Thanks: h.claiming, Appeals: h.bookings})
	flows := append(h.bookings.Flows(),
		help.New(help.Config{Ledger: h.store, Wishes: h.store, Towns: towns, Near: near, Alone: alone}).Flow(),
		report.New(report.Config{Ledger: h.store, Towns: towns, Sorter: sorter, Near: near}).Flow(),
		h.progress.Flow(), h.progress.Settle(h.store), h.bookings.Heed(h.store),
		claim.New(claim.Config{Wishes: h.store, Claiming: h.claiming, Pool: h.store, Claims: h.store, Towns: towns}).Flow(),
	)
	more, answers, err := h.matters(halls)
	if err != nil {
		return nil, nil, err
	}
	return append(flows, more...), append(answers, healthcode.Answer(healthcode.Mode(h.settings.HealthMode), h.healthRules)), nil
}

// runDue runs what is due now: timed work, then the outbox.
func (h *house) runDue(ctx context.Context) error {
	for _, t := range h.tasks {
		if err := t.Do(ctx, h.clock()); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	_, err := h.dispatcher.RunDue(ctx)
	return err
}

// close ends the house after what is queued.
func (h *house) close() error {
	h.endLearning()
	h.models.close()
	if h.city != nil {
		h.city.client.Close()
	}
	return h.store.Close()
}

// inScript turns a reply to the citizen's script.
func inScript(l bot.Language, r bot.Reply) bot.Reply {
	if l != bot.Traditional {
		return r
	}
	r.Text, r.Source, r.Spoken = hanzi.Traditional(r.Text), hanzi.Traditional(r.Source), hanzi.Traditional(r.Spoken)
	options := make([]bot.Option, len(r.Options))
	for i, o := range r.Options {
		options[i] = bot.Option{Text: hanzi.Traditional(o.Text), URL: o.URL}
	}
	r.Options = options
	return r
}
