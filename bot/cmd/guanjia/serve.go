package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/jobs"
	"guanjia/bot/metrics"
	"guanjia/bot/redis"
	"guanjia/bot/store"
	"guanjia/bot/tracing"
	"guanjia/channels/desk"
	"guanjia/channels/desk/signon"
	"guanjia/channels/hall"
	"guanjia/channels/hotline"
	"guanjia/channels/open311"
	"guanjia/channels/web"
	"guanjia/channels/web/h5"
	"guanjia/channels/web/wishes"
	"guanjia/intents/hanzi"
)

// serveCommand is `guanjia serve`.
type serveCommand struct{}

// Limits of the two doors.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	outboxPulse   = time.Second      // how long a due reply waits at most
	schedulePulse = 10 * time.Second // how late timed work may be
	againPulse    = 30 * time.Second // how often messages left unanswered are looked for
	leftTime      = 2 * time.Minute  // longer than a turn may take
)

func (c *serveCommand) run(ctx context.Context, p *program) error {
	if p.house != nil {
		return usagef("serve cannot run inside another")
	}
	if faults := p.halfConfigured(); len(faults) > 0 {
		return usagef("%s", strings.Join(faults, "; "))
	}
	traces, err := openTraces(ctx, p.settings.OTLPURL, p.log)
	if err != nil {
		return err
	}
	defer closeTraces(traces, p.log)
	if p.settings.PeerAddr != "" {
		err = openInstance(ctx, p, traces)
	} else {
		err = p.work(ctx, traces, nil)
	}
	if errors.Is(err, store.ErrLocked) {
		return usagef("another process owns %s: %v", p.settings.DataDir, err)
	}
	if errors.Is(err, store.ErrUnreachable) || errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrElsewhere) || errors.Is(err, store.ErrMoved) {
		return usagef("database_url: %v", err)
	}
	return err
}

// work opens the house and its doors, or leads behind an instance's doors,
// until ctx ends.
func (p *program) work(ctx context.Context, traces *tracing.Tracer, i *instance) error {
	h, err := openHouse(ctx, opening{settings: p.settings, dir: p.settings.DataDir, live: true, clock: p.clock, lent: p.lent, lenience: p.lenience, log: p.log, traces: traces})
	if err != nil {
		return err
	}
	s := &service{program: p, house: h, traces: traces, instance: i, doors: doors{log: p.log}}
	return errors.Join(s.serve(ctx), s.closeAccount(context.Background()), s.closeShared(), h.close())
}

// service is the house with its doors open.
type service struct {
	*program
	house   *house
	chat    *web.Chat
	pages   *h5.Pages
	desk    *desk.Desk
	civic   *open311.Door
	halls   *hall.Pages
	wishes  *wishes.Pages
	account *account // nil: no official account is configured
	doors   doors
	figures *metrics.Figures
	traces  *tracing.Tracer // nil: nobody is told the way of messages
	shared  *redis.Shared   // nil: nothing is shared with other instances

	instance *instance        // nil where there is no other
	receiver metrics.Receiver // the engine, counted
	line     *hotline.Line    // nil: there is no hotline
	lineless string           // and why
	owner    *owner           // of the records, for commands
	// unstaffed: nobody can sign in at the desk yet, and no demo makes an account.
	unstaffed bool
}

// serve opens the doors, works until ctx ends, and then finishes what is in
// hand within the drain time.
func (s *service) serve(ctx context.Context) error {
	if n, err := s.house.store.DemoRecords(ctx); err != nil || n > 0 && !s.settings.Demo {
		return errors.Join(err, demoLeft(n))
	}
	if err := s.build(); err != nil {
		return err
	}
	if s.instance != nil {
		s.doors = s.instance.doors
	} else if err := s.doors.listen(s.settings); err != nil {
		return err
	}
	password, err := s.firstAccount(ctx)
	if err != nil {
		return errors.Join(err, s.doors.close())
	}
	if err := s.openLine(); err != nil {
		return errors.Join(err, s.doors.close())
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	s.owner = newOwner(s.command, s.log)
	var local *socket
	if s.instance == nil {
		if local, err = listen(s.settings.DataDir, s.owner, s.log); err != nil {
			return errors.Join(err, s.doors.close(), s.closeLine(context.Background()))
		}
	}
	var owned sync.WaitGroup
	failed := make(chan error, 3)
	if err := s.house.engine.Remember(ctx, s.complete); err != nil {
		s.log.Error("answer what was left unanswered", "error", err)
	}
	if s.instance != nil {
		s.instance.lead(s)
	} else {
		s.doors.open(&owned, s.public(), s.noting(s.inner()), failed)
		owned.Go(func() { local.serve(work, s.settings.DrainTimeout) })
	}
	owned.Go(func() {
		if err := s.house.taught.learning(work); err != nil {
			failed <- err
		}
	})
	if s.shared != nil {
		owned.Go(func() { s.shared.WriteBehind(work) })
	}
	owned.Go(func() { s.recover(work) })
	owned.Go(func() { s.house.dispatcher.Run(work, s.house.store.OutboxWake(), outboxPulse) })
	owned.Go(func() {
		jobs.Schedule(work, append(s.house.tasks, s.house.deskTasks()...), s.house.clock, cmp.Or(s.pulse, schedulePulse), s.log)
	})
	debug.FreeOSMemory() // what opening took is not needed again
	tuneCollector()
	s.greet(s.doors.public.Addr(), s.doors.inner.Addr(), password)
	select {
	case <-ctx.Done():
		err = s.settle(failed)
	case err = <-failed:
	case <-s.house.store.Fenced():
		err = store.ErrFenced
	}
	return errors.Join(err, s.drain(stopWork, &owned))
}

func demoLeft(n int) error {
	if n == 0 {
		return nil
	}
	return usagef("sample records are there: run `guanjia demo clear` before a live start, or set demo=true")
}

// build makes the channels.
func (s *service) build() error {
	h := s.house
	var towns []web.Town
	for _, t := range h.towns {
		towns = append(towns, web.Town{ID: t.ID, Name: t.Short()})
	}
	var err error
	s.figures = metrics.New()
	s.instance.count(s.figures)
	h.models.count(s.figures)
	s.countStanding()
	if err := s.openShared(); err != nil {
		return err
	}
	s.receiver = s.followed(s.figures.Counting(h.engine))
	s.chat, err = web.New(web.Config{
		Receiver: s.receiver, History: h.store, Pictures: pictures{h.store}, PublicURL: s.settings.PublicURL, Towns: towns,
		Log: s.log, Clock: h.clock, BrowserCounts: s.kept("browser", time.Minute), HostCounts: s.kept("host", time.Minute),
	})
	if err != nil {
		return err
	}
	h.dispatcher.Senders[bot.Web] = s.sending(bot.Web, s.chat)
	if err := s.buildWeChat(s.receiver); err != nil {
		return err
	}
	if err := s.buildPages(); err != nil {
		return err
	}
	if s.civic, err = s.geoReport(); err != nil {
		return err
	}
	if s.wishes, err = s.wishPages(); err != nil {
		return err
	}
	staff, err := newAccounts(h.store)
	if err != nil {
		return err
	}
	s.desk, err = desk.New(desk.Config{
		Engine: h.engine, Forms: h.engine, Matters: s.matters(), Records: h.store, Accounts: staff, Kit: h.store, Mentions: h.store, Syllables: hanzi.Syllables, Samples: h.store, Guides: deskGuides{h.base}, Library: library{h.guides, h.store, h.clock}, Uploads: h.store, Follow: s.follow, Towns: townNames(h.towns),
		Clock: h.clock, Tokens: web.Tokens(), Log: s.log, Secure: strings.HasPrefix(s.settings.PublicURL, "https://"),
		Audit:     h.store.Audit,
		Trail:     &desk.Trail{Like: h.store.AuditLike, Verify: s.verifyTrail},
		GivenLife: s.givenLife(),
		Work:      s.work(),
		Policies:  &desk.Policies{List: h.policyList, Outreach: h.store},
		Learn:     h.school,
		Sheet:     excel,
		Calls:     s.callPanel(),
		SignIns:   staff, Passwords: staff, Failures: s.kept("sign-in", time.Hour),
		City:     s.cityProvider(),
		Shifts:   planBook{h.store, h.duty},
		Second:   &desk.SecondFactor{Factors: factors{h.store}, Keys: passkeys{h.store}, Required: mustHaveFactor(s.settings.DeskSecondFactor), Picture: h5.QR},
		Roster:   roster{h.store, h},
		State:    s.state,
		Switches: &desk.Switches{Board: h.store, RuleFault: h.ruleFault},
	})
	if err != nil {
		return err
	}
	return s.buildHalls()
}

// givenLife is how long a password that an administrator gave may be used; the
// demo, whose first account is printed for trying, lets everybody keep theirs.
func (s *service) givenLife() time.Duration {
	if s.settings.Demo {
		return 0
	}
	return s.settings.FirstPasswordLife
}

// cityProvider is the city's identity provider, nil where none is configured.
func (s *service) cityProvider() desk.CitySignOn {
	if s.settings.OIDCIssuer == "" {
		return nil
	}
	return signon.New(signon.Config{
		Issuer: s.settings.OIDCIssuer, ClientID: s.settings.OIDCClientID, Secret: s.settings.OIDCClientSecret.Reveal(),
		Redirect: s.settings.OIDCRedirect, Claim: s.settings.OIDCClaim, Clock: s.house.clock,
	})
}

// follow implements desk.Follow.
func (s *service) follow(buffer int) (<-chan bot.Change, <-chan struct{}, func()) {
	f := s.house.hub.Follow(buffer)
	return f.C, f.Lagged, f.Close
}

// public is the door of the citizens.
func (s *service) public() *http.ServeMux {
	mux := http.NewServeMux()
	if s.settings.Demo {
		s.chat.Routes(mux)
	} else {
		mux.Handle("GET /{$}", http.RedirectHandler("/h5/", http.StatusSeeOther)) // the chat is there for trying
	}
	s.civic.Routes(mux)
	s.wishes.Routes(mux)
	s.pages.Routes(mux)
	s.routeWeChat(mux)
	mux.HandleFunc("GET /openapi.yaml", describe)
	return mux
}

// inner is the door of those who run the service.
func (s *service) inner() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", s.desk.Handler())
	s.halls.Routes(mux)
	mux.Handle("GET /metrics", s.figures.Handler())
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", s.readyz)
	s.routeProfiles(mux)
	return mux
}

// alive says that the process answers.
func alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyz says whether the service can do its work at once: it understands, and
// the records answer.
func (s *service) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if !s.house.taught.learnt() {
		http.Error(w, "still learning to understand", http.StatusServiceUnavailable)
		return
	}
	if _, err := s.house.store.LastChange(ctx); err != nil {
		http.Error(w, "records do not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// command runs a command that came over the local socket.
func (s *service) command(ctx context.Context, c call, con console) error {
	p := &program{args: c.Args, cwd: c.Dir, env: nil, con: con, house: s.house}
	return p.run(ctx)
}

// recover answers what was accepted and not answered before the last end. With
// a database, which may be gone for a while and come back, it looks again now
// and then for what was left meanwhile.
func (s *service) recover(ctx context.Context) {
	ticker := time.NewTicker(againPulse)
	defer ticker.Stop()
	for before := s.house.clock(); ; before = s.house.clock().Add(-leftTime) {
		n, err := s.house.engine.Recover(ctx, before, s.complete)
		if n > 0 {
			s.log.Info("answered what was left unanswered", "messages", n)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("answer what was left unanswered", "error", err)
		}
		if s.settings.DatabaseURL == "" {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// firstAccount makes the demo's administrator when nobody can sign in yet.
func (s *service) firstAccount(ctx context.Context) (password string, err error) {
	all, err := s.house.store.Staff(ctx)
	if err != nil || len(all) > 0 {
		return "", err
	}
	if s.unstaffed = !s.settings.Demo; s.unstaffed {
		return "", nil
	}
	if password, err = newPassword(s.con, firstName, false); err != nil {
		return "", err
	}
	return password, addStaff(ctx, s.house, store.Staff{Name: firstName, Role: "administrator"}, password)
}

// firstName is who the first desk account belongs to.
const firstName = "admin"

// greet prints what to open.
func (s *service) greet(public, inner net.Addr, password string) {
	var b strings.Builder
	fmt.Fprintf(&b, "莞家政务已启动\n")
	if s.settings.Demo {
		fmt.Fprintf(&b, "  试聊      http://%s/\n", public)
	}
	fmt.Fprintf(&b, "  市民网页   http://%s/h5/\n", public)
	fmt.Fprintf(&b, "  坐席工作台 http://%s/desk/\n", inner)
	fmt.Fprintf(&b, "  大厅与号源 http://%s/hall/\n", inner)
	fmt.Fprintf(&b, "  指标与健康 http://%s/metrics  /healthz  /readyz\n", inner)
	if s.settings.WeChat() {
		fmt.Fprintf(&b, "  公众号回调 %s/wechat\n", strings.TrimRight(s.settings.PublicURL, "/"))
	}
	if s.line != nil {
		fmt.Fprintf(&b, "  热线      sip:12345@%s （UDP、TCP）%s\n", s.line.Addr(), s.lineNote())
	} else {
		fmt.Fprintf(&b, "  热线      未开通：%s\n", s.lineless)
	}
	if s.unstaffed {
		fmt.Fprint(&b, "  工作台账号 还没有：guanjia staff add 名字 --role administrator\n")
	}
	if password != "" {
		fmt.Fprintf(&b, "  首个工作台账号 %s  密码 %s （只显示这一次）\n", firstName, password)
	}
	fmt.Fprintf(&b, "  数据      %s\n", s.settings.DataDir)
	fmt.Fprint(s.con.out, b.String())
}

// settle waits for the calls that go on, while everything works as before: they
// end with their callers and not with a restart, within their time.
func (s *service) settle(failed <-chan error) error {
	if s.line == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(context.Background(), s.settings.SIPDrainTimeout)
	settled := make(chan struct{})
	go func() { defer close(settled); s.line.Settle(ctx) }()
	defer func() { stop(); <-settled }()
	select {
	case <-settled:
		return nil
	case err := <-failed:
		return err
	case <-s.house.store.Fenced():
		return store.ErrFenced
	}
}

// drain closes the doors, lets what is in hand finish, and stops the work. An
// instance's doors stay open: what comes now is for who leads next.
func (s *service) drain(stopWork func(), owned *sync.WaitGroup) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.settings.DrainTimeout)
	defer cancel()
	if s.instance != nil {
		s.instance.carrier.Follow("")
	}
	s.owner.end()
	s.desk.Close()
	errs := []error{s.closeLine(ctx)}
	if err := s.chat.Close(ctx); err != nil {
		errs = append(errs, fmt.Errorf("close web chat: %w", err))
	}
	if s.instance != nil {
		errs = append(errs, s.instance.rest(ctx))
	} else {
		errs = append(errs, s.doors.shut(ctx))
	}
	errs = append(errs, s.closeAccount(ctx))
	stopWork()
	owned.Wait()
	s.owner.close()
	return errors.Join(errs...)
}

// pictures reads back what a citizen sent.
type pictures struct{ store *store.Store }

// Picture implements web.Pictures.
func (p pictures) Picture(ctx context.Context, from bot.Address, id string) (bot.Attachment, error) {
	a, owner, err := p.store.Attachment(ctx, id)
	if err != nil {
		return bot.Attachment{}, err
	}
	// Asking makes nobody known: whoever sent a picture has a line of theirs.
	lines, err := p.store.Transcript(ctx, from, 0, 1)
	if err != nil {
		return bot.Attachment{}, err
	}
	if len(lines) == 0 || lines[0].Citizen != owner {
		return bot.Attachment{}, errors.New("not this citizen's picture")
	}
	return a, nil
}
