package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"guanjia/bot"
	"guanjia/bot/simulate"
	"guanjia/bot/store"
	"guanjia/channels/wechat/wechattest"
	"guanjia/config"
)

// simulateCommand is `guanjia simulate`.
type simulateCommand struct {
	URL       string        `help:"Where the service runs; default: public_url." placeholder:"URL"`
	Channel   []string      `help:"By which ways they come: web, wechat." default:"web" enum:"web,wechat"`
	Citizens  int           `help:"How many citizens." default:"100"`
	Rate      float64       `help:"Conversations begun a second; 0: all at once." default:"2"`
	Think     time.Duration `help:"How long a citizen thinks on average." default:"2s"`
	DemoDay   bool          `help:"Arrivals follow the hours of a working day, pressed into the time it takes, and are laid out over the ten hours before, or today, when it is over; with three operators unless --operators says otherwise, after whom nine more come and wait."`
	Operators int           `help:"How many simulated operators serve at the desk." default:"0"`
	Callers   int           `help:"How many call the hotline as well, by keys, from this machine." default:"0"`
	Desk      string        `help:"Where the desk is; default: desk_addr." placeholder:"URL"`
	Most      int           `help:"Conversations at once." default:"1000"`
	Seed      uint64        `help:"The same seed plays the same citizens." default:"1"`
	JSON      bool          `help:"The report as a JSON object."`
	Enrol     bool          `hidden:"" help:"Take addresses from standard input as simulated citizens' (used by itself)."`
	Hire      bool          `hidden:"" help:"Take accounts from standard input as simulated operators' (used by itself)."`
	Spread    bool          `hidden:"" help:"Lay out what was played in a span from standard input (used by itself)."`
}

func (c *simulateCommand) run(ctx context.Context, p *program) error {
	if c.Enrol {
		return p.withHouse(ctx, opening{}, func(h *house) error { return enrolSimulated(ctx, h, p.con) })
	}
	if c.Hire {
		return p.withHouse(ctx, opening{}, func(h *house) error { return hireSimulated(ctx, h, p.con) })
	}
	if c.Spread {
		return p.withHouse(ctx, opening{}, func(h *house) error { return spreadSimulated(ctx, h, p.con) })
	}
	if p.house != nil {
		return usagef("simulate plays against a service from outside it")
	}
	if c.Citizens < 1 || c.Rate < 0 || c.Think < 0 || c.Operators < 0 || c.Operators > mostPlayed {
		return usagef("--citizens is at least 1, --rate and --think are not negative, --operators is 0 to %d", mostPlayed)
	}
	if c.DemoDay && c.Operators == 0 {
		c.Operators = 3
	}
	if c.Callers < 0 || c.Callers > mostCallers {
		return usagef("--callers is 0 to %d", mostCallers)
	}
	doors, addresses, err := c.doors(p)
	if err != nil {
		return err
	}
	calls, from, unplug, err := c.callers(p)
	if err != nil {
		return err
	}
	defer unplug()
	addresses = append(addresses, from...)
	if err := c.mark(ctx, p, addresses); err != nil {
		return fmt.Errorf("mark the citizens as simulated: %w", err)
	}
	finish, err := c.operators(ctx, p)
	if err != nil {
		return err
	}
	patience := time.Duration(0)
	if c.Operators > 0 {
		patience = leastPatience + 30*c.Think
	}
	began := time.Now()
	var called simulate.CallReport
	var calling sync.WaitGroup
	calling.Go(func() { called = calls.Run(ctx) })
	report, err := simulate.Run(ctx, simulate.Plan{
		Doors: doors, Citizens: c.Citizens, Rate: c.Rate, Day: c.DemoDay, Think: c.Think, Patience: patience, Most: c.Most, Seed: c.Seed,
	})
	calling.Wait()
	if c.Callers > 0 {
		report.Calls = &called
	}
	shift, fault := finish()
	err = errors.Join(err, fault)
	if c.Operators > 0 {
		report.Desk = &shift
	}
	if c.DemoDay && err == nil {
		ago := time.Since(began)
		err = c.tell(ctx, p, "--spread", played{Ago: ago, Slower: int64(min(mostSlower, lifelike/max(c.Think, time.Millisecond)))})
	}
	if c.DemoDay && err == nil { // and when the operators went home
		_, err = simulate.Run(ctx, simulate.Plan{Doors: doors, First: c.Citizens, Citizens: mostLate, Insist: true, Seed: c.Seed})
	}
	if c.JSON {
		return errors.Join(printJSON(p.con.out, report), err)
	}
	return errors.Join(report.Print(p.con.out), err)
}

// leastPatience is how long played citizens wait for a played operator at least.
const leastPatience = 5 * time.Second

// mostPlayed bounds how many operators are played.
const mostPlayed = 50

// operators begins the simulated operators' work; finish has them end it.
func (c *simulateCommand) operators(ctx context.Context, p *program) (finish func() (simulate.Shift, error), err error) {
	if c.Operators == 0 {
		return func() (simulate.Shift, error) { return simulate.Shift{}, nil }, nil
	}
	d := simulate.Desk{URL: strings.TrimRight(firstOf(c.Desk, "http://"+p.settings.DeskAddr), "/"), Think: c.Think / 2, Seed: c.Seed}
	var lines []any
	for i := range c.Operators {
		password, err := newPassword(p.con, "", false)
		if err != nil {
			return nil, err
		}
		a := simulate.Account{Name: fmt.Sprintf("模拟坐席 %d", i+1), Password: password}
		d.Accounts, lines = append(d.Accounts, a), append(lines, a)
	}
	if err := c.tell(ctx, p, "--hire", lines...); err != nil {
		return nil, fmt.Errorf("make accounts for simulated operators: %w", err)
	}
	working, stop := context.WithCancel(ctx)
	var shift simulate.Shift
	var fault error
	done := make(chan struct{})
	go func() {
		defer close(done)
		shift, fault = d.Work(working)
	}()
	return func() (simulate.Shift, error) {
		stop()
		<-done
		return shift, fault
	}, nil
}

// doors are the ways in, and who comes by them.
func (c *simulateCommand) doors(p *program) ([]simulate.Door, []bot.Address, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: c.Most}}
	base := strings.TrimRight(firstOf(c.URL, p.settings.PublicURL), "/")
	run := uint64(time.Now().UnixNano()) // only tells runs apart
	var doors []simulate.Door
	var addresses []bot.Address
	for i, channel := range c.Channel {
		var address func(int) bot.Address
		switch channel {
		case "web":
			door := &simulate.Web{URL: base, Run: run, Client: client}
			doors = append(doors, door)
			address = func(n int) bot.Address { return bot.Address{Channel: bot.Web, ID: door.Address(n)} }
		case "wechat":
			post, err := simulatedPlatform(p.settings, base, client)
			if err != nil {
				return nil, nil, err
			}
			door := &simulate.WeChat{Platform: post, Run: run}
			doors = append(doors, door)
			address = func(n int) bot.Address { return bot.Address{Channel: bot.WeChat, ID: door.Address(n)} }
		}
		all := c.Citizens
		if c.DemoDay {
			all += mostLate
		}
		for n := i; n < all; n += len(c.Channel) {
			addresses = append(addresses, address(n))
		}
	}
	return doors, addresses, nil
}

// simulatedPlatform posts as the official account's platform does. With the
// true platform configured the service would write to people there are none,
// so that is refused.
func simulatedPlatform(s config.Settings, base string, client *http.Client) (simulate.Platform, error) {
	if !s.WeChat() {
		return nil, usagef("no official account is configured: wechat_app_id, wechat_token …")
	}
	if s.WeChatAPIURL == "" || strings.Contains(s.WeChatAPIURL, "api.weixin.qq.com") {
		return nil, usagef("simulated citizens must not be written to through the true platform: set wechat_api_url to a stand-in")
	}
	return platformOf{&wechattest.Account{
		Callback: base + "/wechat", AppID: s.WeChatAppID, Token: s.WeChatToken.Reveal(), AESKey: s.WeChatAESKey.Reveal(), Name: "gh_simulated", HTTP: client,
	}}, nil
}

// platformOf makes an account's posts the simulation's.
type platformOf struct{ *wechattest.Account }

// Post implements simulate.Platform.
func (a platformOf) Post(ctx context.Context, openID, words string) (string, error) {
	r, err := a.Account.Post(ctx, a.Message(openID, "text", "<Content>"+wechattest.CDATA(words)+"</Content>"))
	if err == nil && r.Status != http.StatusOK {
		err = fmt.Errorf("the callback answers %d", r.Status)
	}
	return r.Content, err
}

// mark tells the owner of the records who is simulated, before they say a
// word. Only who can write to the data directory can.
func (c *simulateCommand) mark(ctx context.Context, p *program, addresses []bot.Address) error {
	all := make([]any, 0, len(addresses))
	for _, a := range addresses {
		all = append(all, a)
	}
	return c.tell(ctx, p, "--enrol", all...)
}

// tell hands the owner of the records a list, a JSON value a line.
func (c *simulateCommand) tell(ctx context.Context, p *program, deed string, values ...any) error {
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	for _, v := range values {
		if err := enc.Encode(v); err != nil {
			return fmt.Errorf("word a line for the service: %w", err)
		}
	}
	lines.WriteString("\n") // an empty line ends the list
	con := p.con
	con.in = &lines
	return throughOwner(ctx, p.settings.DataDir, call{Args: []string{"simulate", deed}, Dir: p.cwd}, con)
}

// hireSimulated makes accounts for simulated operators.
func hireSimulated(ctx context.Context, h *house, con console) error {
	var all []store.Staff
	for lines := bufio.NewScanner(con.in); lines.Scan() && len(bytes.TrimSpace(lines.Bytes())) > 0 && len(all) < mostPlayed; {
		var a simulate.Account
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return usagef("not an account: %v", err)
		}
		hash, err := argon2id.CreateHash(a.Password, passwordCost())
		if err != nil {
			return fmt.Errorf("hash password: %w", err)
		}
		all = append(all, store.Staff{Name: a.Name, Role: "operator", Secret: hash, CreatedAt: h.clock()})
	}
	return h.store.AddPlayed(ctx, all)
}

const (
	demoSpan   = 10 * time.Hour // the part of a day that a demo day is laid out over at most
	leastOfDay = 3 * time.Hour  // of today, where so much of it is over
	mostLate   = 9              // come last in a demo day and wait at the desk
)

// played is how long ago a demo day began, and how many times slower people are.
type played struct {
	Ago    time.Duration
	Slower int64
}

const (
	lifelike   = 20 * time.Second // how long a person thinks
	mostSlower = 60
)

// spreadSimulated lays out what was played over the hours before now, today's if
// enough of today is over, as busy as each hour of a day is.
func spreadSimulated(ctx context.Context, h *house, con console) error {
	var v played
	if err := json.NewDecoder(con.in).Decode(&v); err != nil || v.Ago <= 0 {
		return usagef("not a span: %v", err)
	}
	now := h.clock().In(bot.Shanghai())
	over := demoSpan
	if y, m, d := now.Date(); now.Sub(time.Date(y, m, d, 0, 0, 0, 0, bot.Shanghai())) >= leastOfDay {
		over = min(over, now.Sub(time.Date(y, m, d, 0, 0, 0, 0, bot.Shanghai())))
	}
	at := func(part float64) time.Time { return simulate.Arrival(now.Add(-over), now, part) }
	return h.store.Spread(ctx, store.PlayedDay{Began: now.Add(-v.Ago), Now: now, At: at, Slower: max(1, v.Slower)})
}

// enrolledAtOnce bounds one commit of simulated citizens.
const enrolledAtOnce = 500

func enrolSimulated(ctx context.Context, h *house, con console) error {
	lines := bufio.NewScanner(con.in)
	var batch []bot.Address
	flush := func() error {
		defer func() { batch = batch[:0] }()
		return h.store.EnrolSimulated(ctx, h.clock(), batch)
	}
	for lines.Scan() && len(bytes.TrimSpace(lines.Bytes())) > 0 {
		var a bot.Address
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return usagef("not an address: %v", err)
		}
		if batch = append(batch, a); len(batch) == enrolledAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return errors.Join(lines.Err(), flush())
}
