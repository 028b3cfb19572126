package desk

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"guanjia/bot"
)

const (
	mostQueued = 10_000 // conversations the queue shows
	lookBack   = 12     // lines read for what it is about
)

// queued is a conversation in the queue as the page shows it, with the packet
// that spares the citizen from telling everything again.
type queued struct {
	Citizen  string    `json:"citizen"`
	Who      string    `json:"who"`
	Channel  string    `json:"channel"`
	Reason   string    `json:"reason"`
	Urgent   bool      `json:"urgent"`
	Summary  string    `json:"summary"`
	Intent   string    `json:"intent"`
	Slots    []pair    `json:"slots"`
	Tried    []string  `json:"tried"`
	Town     string    `json:"town"`
	Status   string    `json:"status"`
	Operator string    `json:"operator"`
	Since    time.Time `json:"since"`
	Last     string    `json:"last"` // the citizen's newest words that tell something
	// Alarm is what an emergency was raised by, whatever was said since.
	Alarm string `json:"alarm"`
	// Unanswered is when the citizen wrote what the operator who holds the
	// conversation has not answered.
	Unanswered *time.Time `json:"unanswered"`
	// Note is what a colleague noted for who holds it, since they last wrote.
	Note string `json:"note"`
	// Offered is who is asked to take it until OfferUntil; Wanted the group it
	// was passed to.
	Offered    string     `json:"offered"`
	OfferUntil *time.Time `json:"offer_until"`
	Wanted     string     `json:"wanted"`
	// Parted says that the caller hung up while waiting and is to be called back.
	Parted bool `json:"parted"`
}

// pair is a name and a value to read.
type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// window is how much of each part of the queue a page shows at once.
const window = 100

// view is which part of the queue a page looks at.
type view struct {
	words           string // it is searched for
	waiting, others int    // how many of each are passed over
	current         bot.CitizenID
}

func viewOf(r *http.Request) view {
	q := r.URL.Query()
	from := func(name string) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	return view{strings.ToLower(strings.TrimSpace(q.Get("q"))), from("waiting"), from("others"), bot.CitizenID(q.Get("current"))}
}

// totals are how many there are of each part, shown or not.
type totals struct {
	Waiting int `json:"waiting"`
	Mine    int `json:"mine"`
	Others  int `json:"others"`
}

// queue shows what waits and what is held, first in line first: of a long
// queue a part, with what calls for attention beside it.
func (d *Desk) queue(w http.ResponseWriter, r *http.Request, who Account) {
	seq, err := d.Records.LastChange(r.Context())
	if err == nil {
		seq = d.board.catchUp(r.Context(), seq) // what comes after is replayed
	}
	var line []bot.Handoff
	if err == nil {
		line, err = d.board.read(r.Context(), d.Records)
	}
	if err != nil {
		d.fail(w, "read queue", err)
		return
	}
	body := map[string]any{"seq": seq, "me": who.Name, "now": d.Clock()}
	if d.Roster != nil {
		state, err := d.Roster.Presence(r.Context(), who.Name, d.Clock())
		if err != nil {
			d.fail(w, "read presence", err)
			return
		}
		body["state"] = state
	}
	if body["mentions"], err = d.notices(r.Context(), who); err != nil {
		d.fail(w, "read mentions", err)
		return
	}
	if body["surges"], err = d.sudden(r.Context(), who); err != nil {
		d.fail(w, "read sudden events", err)
		return
	}
	if body["keys"], err = d.keysWanted(r.Context(), who); err != nil {
		d.fail(w, "list switches", err)
		return
	}
	if body["rows"], body["head"], body["totals"], err = d.look(r.Context(), within(who, line), viewOf(r), who); err != nil {
		d.fail(w, "read queue", err)
		return
	}
	answer(w, http.StatusOK, body)
}

// look makes the rows of a view. Who serves sees all that is theirs; head are
// those wanted wherever they stand: the next to take, the urgent, the open one.
func (d *Desk) look(ctx context.Context, line []bot.Handoff, v view, who Account) (rows, head []queued, n totals, err error) {
	rows, head = []queued{}, []queued{}
	name := who.Name
	now := d.Clock()
	next, urgent := false, false
	for _, h := range line {
		if who.Simulated { // its own like only
			if g, err := d.gistOf(ctx, h); err != nil || !g.simulated {
				continue
			}
		}
		part, from := &n.Waiting, v.waiting
		switch {
		case h.Status == bot.HandoffTaken && h.Operator == name:
			part, from = &n.Mine, 0
		case h.Status == bot.HandoffTaken:
			part, from = &n.Others, v.others
		}
		waits := h.Status == bot.HandoffWaiting
		free := waits && (h.Offered == "" || h.Offered == name || !now.Before(h.OfferUntil))
		wanted := free && !next || h.Priority == 0 && (waits && !urgent || h.Operator == name) || h.Citizen == v.current || waits && h.Offered == name
		shown := *part >= from && *part < from+window
		if v.words == "" && !shown && !wanted {
			*part++
			continue
		}
		found := true
		if v.words != "" { // before a row is made of it: most are not what is searched for
			if found, err = d.matches(ctx, h, v.words); err != nil {
				return nil, nil, n, err
			}
			if !found && !wanted {
				continue
			}
			if !wanted && !shown {
				*part++
				continue
			}
		}
		row, err := d.queuedOf(ctx, h)
		if err != nil {
			return nil, nil, n, err
		}
		if wanted {
			head = append(head, row)
			next, urgent = next || free, urgent || waits && h.Priority == 0
		}
		if !found {
			continue
		}
		if *part >= from && *part < from+window {
			rows = append(rows, row)
		}
		*part++
	}
	return rows, head, n, nil
}

// matches says whether a conversation's row shows some words.
func (d *Desk) matches(ctx context.Context, h bot.Handoff, words string) (bool, error) {
	g, err := d.gistOf(ctx, h)
	if err != nil {
		return false, err
	}
	for _, text := range [...]string{g.who, g.last, d.Towns[h.Town], h.Summary, matter(h), h.Operator} {
		if strings.Contains(strings.ToLower(text), words) {
			return true, nil
		}
	}
	return false, nil
}

func (d *Desk) queuedOf(ctx context.Context, h bot.Handoff) (queued, error) {
	row := queued{
		Citizen: string(h.Citizen), Channel: string(h.Channel), Reason: h.Reason.Title(),
		Urgent: h.Priority == 0, Summary: h.Summary, Intent: matter(h), Slots: slotsOf(h.Slots), Tried: triedOf(h.Tried),
		Town: d.Towns[h.Town], Status: string(h.Status), Operator: h.Operator, Since: h.At, Wanted: h.Wanted, Parted: !h.Parted.IsZero(),
	}
	if row.Urgent {
		row.Alarm = masked(h.Slots[bot.AlarmSlot])
	}
	if h.Offered != "" && d.Clock().Before(h.OfferUntil) {
		row.Offered, row.OfferUntil = h.Offered, &h.OfferUntil
	}
	v, err := d.gistOf(ctx, h)
	if err != nil {
		return row, err
	}
	row.Who, row.Last = v.who, v.last
	if h.Status == bot.HandoffTaken {
		row.Unanswered, row.Note = v.unanswered, v.note
	}
	return row, nil
}

// telling says whether words tell what it is about; 转人工, 15:00 and a
// telephone number do not.
func telling(text string) bool {
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 4
}

// longNumber is a run of digits that may be a telephone or identity number.
var longNumber = regexp.MustCompile(`\d{7,}[\dXx]?`)

// masked hides all but the last four of long numbers: the list is read over
// many shoulders, the conversation by who opens it.
func masked(text string) string {
	return longNumber.ReplaceAllStringFunc(text, func(n string) string { return "****" + n[len(n)-4:] })
}

// name is how a citizen is shown: the family name masked, or a short id.
func (d *Desk) name(ctx context.Context, id bot.CitizenID) string {
	shown, _ := d.whose(ctx, id)
	return shown
}

// whose is the name a citizen is shown by, and whether they are played.
func (d *Desk) whose(ctx context.Context, id bot.CitizenID) (shown string, simulated bool) {
	c, err := d.Records.Citizen(ctx, id)
	if err == nil && c.Name != "" && !c.Simulated {
		return bot.MaskName(c.Name.Reveal()), false
	}
	short := string(id)
	if len(short) > 4 {
		short = short[len(short)-4:]
	}
	if err == nil && c.Simulated {
		return "模拟市民 " + short, true
	}
	return "市民 " + short, false
}

// slotOrder is the order operators read what was filled in.
func slotOrder() []pair {
	return []pair{
		{bot.AlarmSlot, "紧急的话"}, {"service", "业务"}, {"hall", "大厅"}, {"date", "日期"}, {"time", "时段"}, {"type", "类型"}, {"category", "分类"},
		{"need", "最急"}, {"text", "情况"}, {"town", "镇街"}, {"address", "地址"}, {"location", "位置"}, {"relation", "帮谁"},
		{"name", "姓名"}, {"phone", "电话"}, {"id_number", "证件号"}, {"amount", "金额"}, {"anonymous", "匿名"},
		{"confidential", "保密"}, {"ticket_no", "工单号"}, {"appointment_no", "预约号"}, {"attachment", "照片"},
	}
}

func slotTitle(slot string) string {
	for _, p := range slotOrder() {
		if p.Name == slot {
			return p.Value
		}
	}
	return slot
}

// slotsOf names what was filled in; slots without a name come last.
func slotsOf(slots map[string]string) []pair {
	out := []pair{}
	left := maps.Clone(slots)
	for _, p := range slotOrder() {
		if v := left[p.Name]; v != "" {
			out = append(out, pair{p.Value, v})
		}
		delete(left, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if left[name] != "" {
			out = append(out, pair{name, left[name]})
		}
	}
	return out
}

// triedOf says in words what the bot did last, of the commands in its trace.
func triedOf(commands []string) []string {
	out := []string{}
	for _, c := range commands {
		deed, of, _ := strings.Cut(strings.TrimSuffix(c, ")"), "(")
		words := triedWords(bot.Deed(deed), of)
		if words != "" && !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}

func triedWords(deed bot.Deed, of string) string {
	switch deed {
	case bot.DoSet, bot.DoCorrect:
		return "记下" + slotTitle(of)
	case bot.DoStart, bot.DoQueue:
		return "开始“" + bot.Intent(of).Title() + "”"
	case bot.DoAnswer:
		return "查了办事指南"
	case bot.DoClarify:
		return "问是哪一种"
	case bot.DoLost:
		return "没听懂"
	case bot.DoRepeat:
		return "重说一遍"
	case bot.DoCalm:
		return "安抚情绪"
	}
	return ""
}

// errand is what a citizen came for; empty where they only asked for a person,
// which the reason says already, or nobody knows.
func errand(h bot.Handoff) string {
	if h.Intent == bot.TalkToOperator || h.Intent.Title() == bot.OutOfScope.Title() {
		return ""
	}
	return h.Intent.Title()
}

// matter is what a conversation is about: the danger of an emergency, else the
// errand.
func matter(h bot.Handoff) string {
	if danger, ok := strings.CutPrefix(h.Summary, bot.ReasonEmergency.Title()+"："); ok && h.Reason == bot.ReasonEmergency {
		return danger
	}
	return errand(h)
}
