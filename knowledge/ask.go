package knowledge

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"guanjia/bot"
)

// Decisions of an answer.
const (
	Answered  = "answer"
	Clarified = "clarify"
	Abstained = "abstain"
)

// Question is what a citizen asks, and what was talked about before.
type Question struct {
	Text string
	Now  time.Time // decides which guides are in force; zero: all dates pass
	// History are the citizen's earlier turns, oldest first. It is read only
	// when Topic is empty.
	History []string
	// Topic is what the last answer left behind.
	Topic Topic
	// Town is where the citizen wants it done: a town's id, or CityHall. What
	// the town has of its own is told, guides that are for other towns alone
	// are not.
	Town string
	// Day, when the question names one, decides whether a hall is open on it.
	Day *Day
	// Audience, when known (自然人, 企业法人 …), keeps guides for others out.
	Audience string
	// Outward words the question as it may leave the process, particulars
	// taken out; nil: it may not, and no embedder is asked.
	Outward func() string
	vector  []float32 // of Outward
	meaning *Meaning
}

// Topic is what a conversation about guides is at: kept by the flow between
// turns, so that "那要多少钱" and "换一个" are understood.
type Topic struct {
	Guide  string   `json:"guide,omitempty"`
	Field  Field    `json:"field,omitempty"`
	Others []string `json:"others,omitempty"` // the next candidates, best first
	Text   string   `json:"text,omitempty"`   // the matter of the last question
	Case   string   `json:"case,omitempty"`   // what is known of the guide's situations
}

// Answer is what the guides say to a question.
type Answer struct {
	// Decision is answer, clarify or abstain. Abstain with a Guide means that
	// the guide is known and does not say what was asked.
	Decision   string
	Guide      string
	Field      Field   // the first field answered
	Fields     []Field // all of them
	Text       string  // the whole of it: plain lines, no Markdown
	Brief      string  // as much of it as a phone's screen holds; often all
	Spoken     string  // for the hotline: the value first, at most 60 characters
	Source     string  // where it is from and as of when; empty where nothing of a guide is told
	Citations  []string
	Candidates []Candidate // at most ten, best first
	Clarify    string      // the question, when Decision is clarify
	// Narrow is a question whose answer would make the answer the citizen's
	// own (情形导办), with its choices in Options; empty when there is none.
	Narrow   string
	Options  []Option
	Bookable bool // a hall's window can be booked for Guide
	Topic    Topic
	quotes   []quote  // offices' words for lines it rests on
	unsure   bool     // the guide may well not say what was asked
	deciding []string // the lines that most likely answer
	// Far is why an embedder that was asked could not help; the answer is what
	// it is without one.
	Far error
}

// Candidate is a guide that was considered.
type Candidate struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Score float64 `json:"score"` // how well it fits, 0 to 1
}

// Option is one way on from a clarifying question.
type Option struct {
	Text  string
	Guide string
	Field Field
	Case  string // of the guide's situations; empty: none
	// Among are the guides that are left when it is taken, where it names no
	// guide: which of them is asked next.
	Among []string
}

// Service is a guide as the intent layer and booking need it.
type Service struct {
	ID       string
	Title    string
	Aliases  []string
	Bookable bool
}

// Base holds the guides in force. Any number of goroutines may ask while
// another swaps in a new set.
type Base struct {
	current atomic.Pointer[index]
	crowded atomic.Bool             // answers to what many ask are kept
	meaning atomic.Pointer[Meaning] // nil: wording alone
}

// New builds a base of guides.
func New(guides []Guide) *Base {
	b := &Base{}
	b.Swap(guides)
	return b
}

// Swap builds an index of other guides and puts it in place at once;
// questions under way finish on the old one.
func (b *Base) Swap(guides []Guide) {
	own := make([]Guide, len(guides))
	copy(own, guides)
	x := build(own)
	if b.crowded.Load() {
		x.lately.Store(bot.NewRecent[Answer](mostLately))
	}
	b.current.Store(x)
}

// Remember keeps the answers to what many ask from now on, each as long as its index
// is in place. It is for a base that serves; what measures goes without.
func (b *Base) Remember() {
	b.crowded.Store(true)
	b.current.Load().lately.Store(bot.NewRecent[Answer](mostLately))
}

// Guide finds a guide by id, whatever its status.
func (b *Base) Guide(id string) (Guide, bool) {
	x := b.current.Load()
	i, ok := x.byID[id]
	if !ok {
		return Guide{}, false
	}
	return x.guides[i], true
}

// Services lists the active guides of the city itself.
func (b *Base) Services() []Service {
	x := b.current.Load()
	var out []Service
	for i := range x.guides {
		g := &x.guides[i]
		if g.Status == Active && g.Type != TypePolicy && g.Home() {
			out = append(out, Service{g.ID, g.Title, g.Aliases, g.Bookable})
		}
	}
	return out
}

// Guides are all guides held. The slice must not be changed.
func (b *Base) Guides() []Guide { return b.current.Load().guides }

// Ask answers a question from the guides, asks back which of several is
// meant, or says that it is not known. A model is asked for nothing but the
// meaning of a question whose wording alone is not sure, see Meaning.
func (b *Base) Ask(ctx context.Context, q Question) Answer {
	x := b.current.Load()
	topic := q.Topic
	if topic.empty() {
		for _, turn := range q.History {
			if ctx.Err() != nil {
				break
			}
			earlier := q
			earlier.Text, earlier.Topic = turn, topic
			topic = x.turn(earlier).Topic
		}
	}
	q.Topic = topic
	return b.reconsider(ctx, x, q, x.turn(q))
}

// Field answers one field of one guide, as a button does.
func (b *Base) Field(id string, f Field, now time.Time) Answer {
	return b.FieldIn(id, f, nil, "", now)
}

// FieldIn answers one field of one guide in a case and a town.
func (b *Base) FieldIn(id string, f Field, c Case, town string, now time.Time) Answer {
	x := b.current.Load()
	i, ok := x.byID[id]
	if !ok || !f.known() {
		return x.unknown(&routed{}, nil, Topic{})
	}
	if !x.guides[i].Current(now) {
		return x.expired(i)
	}
	r := routed{fields: []Field{f}, known: c, town: town}
	a := x.compose(i, &r)
	a.Candidates = []Candidate{{id, x.guides[i].Title, 1}}
	a.Topic = Topic{Guide: id, Field: f, Case: c.String()}
	return a
}

// WholeIn is FieldIn to the end: all of it for a reader, for a listener what
// FieldIn did not say.
func (b *Base) WholeIn(id string, f Field, c Case, town string, now time.Time) Answer {
	a := b.FieldIn(id, f, c, town, now)
	a.Brief = a.Text
	if g, ok := b.Guide(id); ok && len(a.Citations) > 0 {
		if left := g.unspoken(f); left != "" {
			a.Spoken = left
		}
	}
	return a
}

func (t Topic) empty() bool {
	return t.Guide == "" && t.Text == "" && len(t.Others) == 0 && t.Field == ""
}

// open says that something was asked of no matter, which is still to be named.
func (t Topic) open() bool {
	return t.Guide == "" && t.Text == "" && len(t.Others) == 0 && t.Field != ""
}

// turn answers a question, with what was answered to the same lately where many ask
// it: an index never changes, so neither do its answers within a day.
func (x *index) turn(q Question) Answer {
	lately := x.lately.Load()
	if lately == nil || q.meaning != nil || !bot.Common(q.Text) {
		return x.consider(q)
	}
	return lately.Of(q.key(), func() (Answer, bool) { return x.consider(q), true })
}

// key is all that an answer without a model depends on; which guides are in force
// changes with the day.
func (q *Question) key() string {
	t := &q.Topic
	parts := []string{q.Text, q.Town, q.Audience, t.Guide, string(t.Field), t.Text, t.Case}
	if !q.Now.IsZero() {
		parts = append(parts, q.Now.Format(time.DateOnly))
	}
	if q.Day != nil {
		parts = append(parts, q.Day.Date, q.Day.Holiday, strconv.FormatBool(q.Day.Workday))
	}
	return strings.Join(append(parts, t.Others...), "\x00")
}

// consider decides what a question is about and answers it.
func (x *index) consider(q Question) Answer {
	read := func(text string) routed {
		r := x.route(text)
		r.town, r.day, r.known = q.Town, q.Day, ParseCase(q.Topic.Case)
		if q.Topic.open() {
			r.wants(q.Topic.Field)
		}
		return r
	}
	text, keep := clip(q.Text, 400), q.keeps()
	r := read(text)
	if len(q.Topic.Others) > 0 && wantsAnother(r.plain) {
		return x.another(&r, q.Topic, keep)
	}
	ranked := x.judge(&r, keep)
	if matter := elders(r.plain); matter != "" && x.unsettled(&r, ranked) { // their age says what no word does
		r = read(text + " " + matter)
		ranked = x.judge(&r, keep)
	}
	if q.meaning != nil {
		ranked = x.nearer(&q, ranked)
	}
	if a, ok := x.generally(&r, ranked, keep); ok {
		return a
	}
	if a, ok := x.follow(&r, ranked, q.Topic, keep); ok {
		return a
	}
	return x.decide(&r, ranked, q.Now)
}

// keeps lets the guides through that may answer a question: in force, for this
// town, for these people.
func (q *Question) keeps() filter {
	return func(g *Guide) bool {
		switch {
		case !g.Current(q.Now):
			return false
		case q.Town != "" && len(g.Only) > 0 && !slices.Contains(g.Only, q.Town):
			return false
		}
		return q.Audience == "" || len(g.Audience) == 0 || slices.Contains(g.Audience, q.Audience)
	}
}

// halls are words for the places where things are done.
var halls = []string{"大厅", "政务中心", "服务中心", "市民中心", "办事窗口"}

// openWords ask whether somebody is there.
var openWords = []string{"上班", "下班", "开门", "关门", "周六", "周日", "周末", "星期", "礼拜", "营业", "办公", "放假", "午休", "节假日", "中午", "国庆", "春节", "元旦", "五一", "端午", "中秋", "清明"}

// generally answers what is asked of the halls at large and names nothing
// else: 周六上班吗.
func (x *index) generally(r *routed, ranked []judged, keep filter) (Answer, bool) {
	hall := r.says(halls)
	if timeless(r.bareText, hall) != "" || len(r.fields) == 0 || len(ranked) > 0 && ranked[0].exact {
		return Answer{}, false
	}
	if !hall && (timeless(r.hardText, hall) != "" || !r.says(openWords)) {
		return Answer{}, false
	}
	for _, i := range x.general {
		g := &x.guides[i]
		if !keep(g) || !slices.Contains(g.General, r.fields[0]) || r.fields[0] != Hours && !hall {
			continue
		}
		a := x.compose(i, r)
		a.Candidates = append([]Candidate{{g.ID, g.Title, 1}}, x.candidates(ranked)...)
		a.Candidates = slices.CompactFunc(a.Candidates, func(a, b Candidate) bool { return a.ID == b.ID })
		a.Topic = Topic{Guide: g.ID, Field: a.Field}
		return a, a.Decision == Answered
	}
	return Answer{}, false
}

// timeless is the matter of a question without the words for a day, and where a
// hall is named without what is done in any.
func timeless(matter string, hall bool) string {
	for _, w := range openWords {
		matter = strings.ReplaceAll(matter, w, "")
	}
	for _, w := range []string{"那天", "当天", "这天", "期间", "假期", "节", "假"} {
		matter = strings.ReplaceAll(matter, w, "")
	}
	if hall {
		matter = strings.ReplaceAll(matter, "办事", "")
	}
	return matter
}

// decide puts the best candidate in one of the three bands.
func (x *index) decide(r *routed, ranked []judged, now time.Time) Answer {
	if i, ok := x.lapsed(r, ranked, now); ok {
		return x.expired(i)
	}
	if (len(ranked) == 0 || ranked[0].sure < askBar) && r.ofNothing() {
		return x.whichMatter(r)
	}
	if len(ranked) == 0 || ranked[0].sure < askBar {
		return x.unknown(r, ranked, Topic{Text: r.matterText})
	}
	if r.stranger(&ranked[0]) {
		return x.unknown(r, ranked, Topic{Text: r.matterText})
	}
	rivals := x.rivals(r, ranked)
	same := ranked[0].sure >= plainBar && len(x.groups(r, rivals)) == 1 // then there is nothing to ask
	if ranked[0].sure < sureBar || len(rivals) > 1 && !same {
		return x.clarify(r, ranked, rivals)
	}
	return x.answer(r, ranked)
}

// unsettled tells whether the best candidate would not be answered from.
func (x *index) unsettled(r *routed, ranked []judged) bool {
	return len(ranked) == 0 || ranked[0].sure < sureBar || r.stranger(&ranked[0]) || len(x.rivals(r, ranked)) > 1
}

// answer speaks from the best candidate.
func (x *index) answer(r *routed, ranked []judged) Answer {
	a := x.compose(ranked[0].guide, r)
	a.Candidates = x.candidates(ranked)
	a.Topic = Topic{Guide: a.Guide, Field: a.Field, Text: r.matterText, Others: x.ids(ranked[1:]), Case: r.known.String()}
	return a
}

func (x *index) candidates(ranked []judged) []Candidate {
	out := make([]Candidate, 0, 10)
	for _, c := range ranked[:min(10, len(ranked))] {
		g := &x.guides[c.guide]
		out = append(out, Candidate{g.ID, g.Title, math.Round(float64(max(0, c.fit))*1000) / 1000})
	}
	return out
}

func (x *index) ids(ranked []judged) []string {
	var ids []string
	for _, c := range ranked[:min(4, len(ranked))] {
		if c.fit >= nearFit {
			ids = append(ids, x.guides[c.guide].ID)
		}
	}
	return ids
}

func wantsAnother(s string) bool {
	for _, w := range []string{"换一个", "换个", "不是这个", "不是这件", "不是说这个", "下一个", "别的", "另一个", "不对,不是", "说的不是这", "问的不是这"} {
		if strings.Contains(s, w) {
			return len([]rune(s)) <= 12
		}
	}
	return false
}

// another takes up the next candidate of the last question.
func (x *index) another(r *routed, topic Topic, keep filter) Answer {
	for n, id := range topic.Others {
		i, ok := x.byID[id]
		if !ok || !keep(&x.guides[i]) {
			continue
		}
		if len(r.fields) == 0 && topic.Field != "" {
			r.fields = []Field{topic.Field}
		}
		a := x.compose(i, r)
		a.Candidates = []Candidate{{id, x.guides[i].Title, 0.5}}
		a.Topic = Topic{Guide: id, Field: a.Field, Text: topic.Text, Others: topic.Others[n+1:]}
		return a
	}
	return x.unknown(r, nil, topic)
}

// MarshalJSON gives an answer in the form of `knowledge ask --json`.
func (a Answer) MarshalJSON() ([]byte, error) {
	out := struct {
		Decision   string      `json:"decision"`
		Guide      string      `json:"guide"`
		Field      Field       `json:"field"`
		Text       string      `json:"text"`
		Citations  []string    `json:"citations"`
		Candidates []Candidate `json:"candidates"`
	}{a.Decision, a.Guide, a.Field, a.Text, a.Citations, a.Candidates}
	if out.Citations == nil {
		out.Citations = []string{}
	}
	if out.Candidates == nil {
		out.Candidates = []Candidate{}
	}
	return json.Marshal(out)
}
