package desk

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/outcall"
)

// LiveCall is a call that goes on.
type LiveCall struct {
	Citizen  bot.CitizenID
	Number   string // masked
	Placed   bool   // we called
	Handling bot.Handling
	Operator string // who has it, by telephone
	Ringing  bool   // somebody is being rung
	Waiting  bool   // the caller is kept waiting by who has it
	Lasted   time.Duration
	Held     bool // by the other side
	Loss     float64
	Jitter   time.Duration
	MOS      float64 // 0: nothing was heard yet
}

// Calls is what the page of calls is made of.
type Calls struct {
	// Live are the calls that go on, the longest first.
	Live func() []LiveCall
	// Ring has people rung for a call, End has it ended kindly; false where it
	// is over.
	Ring, End func(citizen bot.CitizenID) bool
	// Hearable says whether a citizen is on a call that can be listened to, and
	// Listen has somebody listen. CallMoved tells the desk that it may have
	// changed.
	Hearable func(citizen bot.CitizenID) bool
	Listen   func(citizen bot.CitizenID) (Listening, error)
	// Telephone is what operators do with calls on their own telephones.
	Telephone Telephone
	// Orders are calls that the service places itself.
	Orders interface {
		CallOrders(ctx context.Context, limit int) ([]outcall.Order, error)
		CallRules(ctx context.Context) (outcall.Rules, error)
		SaveCallRules(ctx context.Context, r outcall.Rules, by string, at time.Time) error
	}
	// Places says whether there is a trunk that calls can leave by.
	Places bool
	// Open reads a recording, by the attachment that holds its key, as WAV.
	Open func(a bot.Attachment) ([]byte, error)
}

// CallMoved tells those who may listen that a citizen's call began or ended. It
// waits for nobody.
func (d *Desk) CallMoved(citizen bot.CitizenID) { d.calls.ring(citizen) }

// recordingKind is the kind of an attachment that holds a recording's key: it
// never leaves as it is.
const recordingKind = "recording"

// listenFor is how long a recording can be heard once a reason was given.
const listenFor = time.Hour

// hearings are who may hear which recording until when.
type hearings struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (h *hearings) grant(who, id string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, until := range h.until {
		if now.After(until) {
			delete(h.until, key)
		}
	}
	if h.until == nil {
		h.until = map[string]time.Time{}
	}
	h.until[who+"\x00"+id] = now.Add(listenFor)
}

func (h *hearings) granted(who, id string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return now.Before(h.until[who+"\x00"+id])
}

func (d *Desk) callRoutes(mux *http.ServeMux) {
	if d.Calls == nil {
		return
	}
	mux.HandleFunc("GET /desk/calls", d.overseeing(d.callsPage))
	mux.HandleFunc("GET /desk/calls/rules", d.overseeing(d.callRulesPage))
	mux.HandleFunc("POST /desk/calls/rules", d.administrating(d.saveCallRules))
	mux.HandleFunc("GET /desk/calls/{citizen}", d.overseeing(d.callWords))
	mux.HandleFunc("POST /desk/calls/{citizen}/{deed}", d.overseeing(d.callDeed))
	mux.HandleFunc("POST /desk/conversation/{citizen}/listen", d.supervising(d.listenIn))
	mux.HandleFunc("GET /desk/phone", d.talking(d.phonePage))
	mux.HandleFunc("POST /desk/phone/{citizen}/{deed}", d.talking(d.phoneDeed))
	mux.HandleFunc("GET /desk/recording/{id}", d.talking(d.recordingPage))
	mux.HandleFunc("POST /desk/recording/{id}", d.talking(d.listen))
	mux.HandleFunc("GET /desk/recording/{id}/sound", d.talking(d.sound))
}

// mostOrders the page lists.
const mostOrders = 50

func (d *Desk) callsPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	orders, err := d.Calls.Orders.CallOrders(r.Context(), mostOrders)
	if err != nil {
		d.fail(w, "list calls", err)
		return
	}
	type shown struct {
		outcall.Order
		Number, When string
	}
	var rows []shown
	for _, o := range orders {
		row := shown{Order: o, Number: bot.MaskPhone(o.Phone.Reveal())}
		if o.State == outcall.Waiting {
			row.When = o.NextAt.In(bot.Shanghai()).Format("1月2日 15:04")
		}
		rows = append(rows, row)
	}
	d.render(w, http.StatusOK, "calls.html", map[string]any{"Name": who.Name, "Live": d.Calls.Live(), "Orders": rows, "Places": d.Calls.Places})
}

// callWords shows the words of a call while it goes on; opening it is in the
// audit trail once, however often the page looks again.
func (d *Desk) callWords(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	citizen := bot.CitizenID(r.PathValue("citizen"))
	at := slices.IndexFunc(d.Calls.Live(), func(c LiveCall) bool { return c.Citizen == citizen })
	if at < 0 {
		refuse(w, http.StatusNotFound, "这通电话已经结束。")
		return
	}
	if !d.opened(w, r, who, citizen) {
		return
	}
	shown, err := d.spoken(r.Context(), citizen)
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	d.render(w, http.StatusOK, "call.html", map[string]any{"Name": who.Name, "Lines": shown, "Citizen": citizen, "Reasons": listenReasons()})
}

// mostSpoken is how many lines of a call a page shows.
const mostSpoken = 30

// spoken is what was said on the telephone last.
func (d *Desk) spoken(ctx context.Context, citizen bot.CitizenID) ([]line, error) {
	lines, err := d.Records.Recent(ctx, citizen, mostSpoken)
	var shown []line
	for _, l := range lines {
		if l.Channel == bot.Hotline {
			shown = append(shown, lineOf(l))
		}
	}
	return shown, err
}

func (d *Desk) callRulesPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	rules, err := d.Calls.Orders.CallRules(r.Context())
	if err != nil {
		d.fail(w, "read rules of calls", err)
		return
	}
	d.showCallRules(w, who, http.StatusOK, rules, "")
}

func (d *Desk) showCallRules(w http.ResponseWriter, who Account, status int, rules outcall.Rules, fault string) {
	d.render(w, status, "call-rules.html", map[string]any{"Name": who.Name, "Rules": rules, "Keys": who.administrates(), "Fault": fault})
}

func (d *Desk) saveCallRules(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	n := func(name string) int {
		v, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue(name)))
		if err != nil {
			return -1 // no number is out of every range
		}
		return v
	}
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	rules := outcall.Rules{
		FollowUps: text("follow_ups") != "", Reminders: text("reminders") != "", Workdays: text("workdays") != "",
		From: text("from"), To: text("to"), RestFrom: text("rest_from"), RestTo: text("rest_to"),
		PerDay: n("per_day"), Attempts: n("attempts"), BusyGap: n("busy_gap"), Gap: n("gap"), Wait: n("wait"), AtOnce: n("at_once"),
	}
	if err := rules.Check(); err != nil {
		d.showCallRules(w, who, http.StatusUnprocessableEntity, rules, err.Error()+"。")
		return
	}
	if err := d.Calls.Orders.SaveCallRules(r.Context(), rules, who.Name, d.Clock()); err != nil {
		d.fail(w, "save rules of calls", err)
		return
	}
	http.Redirect(w, r, "/desk/calls/rules", http.StatusSeeOther)
}

// callDeed has people rung for a call, or ends it.
func (d *Desk) callDeed(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	citizen := bot.CitizenID(r.PathValue("citizen"))
	do := map[string]func(bot.CitizenID) bool{"ring": d.Calls.Ring, "end": d.Calls.End}[r.PathValue("deed")]
	if do == nil {
		refuse(w, http.StatusNotFound, "没有这个操作。")
		return
	}
	if !do(citizen) {
		refuse(w, http.StatusNotFound, "这通电话已经结束。")
		return
	}
	if !d.audit(w, r, who.Name, "call_"+r.PathValue("deed"), string(citizen)) {
		return
	}
	http.Redirect(w, r, "/desk/calls", http.StatusSeeOther)
}

// recorded finds a recording that an account may hear; false means that the
// request was refused.
func (d *Desk) recorded(w http.ResponseWriter, r *http.Request, who Account) (bot.Attachment, bool) {
	a, owner, err := d.Records.Attachment(r.Context(), r.PathValue("id"))
	reached := false
	if err == nil && a.Kind == recordingKind {
		reached, err = d.reaches(r.Context(), who, owner)
	}
	if err != nil || !reached {
		refuse(w, http.StatusNotFound, "没有这段录音。")
		return a, false
	}
	return a, true
}

// reasons are why recordings are listened to.
func reasons() []string {
	return []string{"核对诉求", "处理投诉", "质检评分", "依法调取"}
}

// mostReason is the longest a reason is, in characters.
const mostReason = 60

func (d *Desk) recordingPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	if _, ok := d.recorded(w, r, who); !ok {
		return
	}
	id := r.PathValue("id")
	d.render(w, http.StatusOK, "recording.html", map[string]any{"Name": who.Name, "ID": id, "Reasons": reasons(), "Granted": d.hearings.granted(who.Name, id, d.Clock())})
}

// listen takes the reason for which a recording is heard; it is in the audit
// trail before a sound is.
func (d *Desk) listen(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	if _, ok := d.recorded(w, r, who); !ok {
		return
	}
	id, reason := r.PathValue("id"), strings.TrimSpace(strings.Map(printable, r.PostFormValue("reason")))
	if reason == "" || utf8.RuneCountInString(reason) > mostReason {
		refuse(w, http.StatusUnprocessableEntity, "请选一个原因。")
		return
	}
	if d.Audit != nil {
		if err := d.Audit(r.Context(), bot.AuditEntry{At: d.Clock(), Actor: who.Name, Deed: bot.AuditListen, Subject: id, Reason: reason}); err != nil {
			d.fail(w, "write audit trail", err)
			return
		}
	}
	d.hearings.grant(who.Name, id, d.Clock())
	http.Redirect(w, r, "/desk/recording/"+id, http.StatusSeeOther)
}

// sound is the recording itself, whole or in ranges, as the player asks.
func (d *Desk) sound(w http.ResponseWriter, r *http.Request, who Account) {
	a, ok := d.recorded(w, r, who)
	switch id := r.PathValue("id"); {
	case !ok:
		return
	case !d.hearings.granted(who.Name, id, d.Clock()):
		refuse(w, http.StatusForbidden, "请先说明为什么要听这段录音。")
		return
	}
	wav, err := d.Calls.Open(a)
	if err != nil {
		d.Log.Error("open a recording", "recording", r.PathValue("id"), "error", err)
		refuse(w, http.StatusGone, "这段录音已过保存期，或者读不出来。")
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(wav))
}
