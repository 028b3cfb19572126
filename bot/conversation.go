package bot

import (
	"maps"
	"slices"
	"time"
)

// Conversation is where a citizen and the service stand. It belongs to the
// person, not to a channel: who starts on WeChat and rings later finds the
// same draft. The store keeps it as one encrypted value.
type Conversation struct {
	Citizen  CitizenID `json:"-"`
	Version  int64     `json:"-"` // of the last commit, 0 before the first
	Address  Address   `json:"-"` // where the citizen was last heard
	Handling Handling  `json:"-"`
	Operator string    `json:"-"` // who holds it while ByPerson

	Language Language `json:"language,omitempty"`
	// Frames is the stack of errands under way; the last is the active one.
	Frames []Frame `json:"frames,omitempty"`
	// Waiting holds errands the citizen also asked for, to be offered next.
	Waiting []Waiting `json:"waiting,omitempty"`
	// Asked is what the last turn ended with, and so what an answer means.
	Asked Asked `json:"asked"`
	// Dropped is the draft given up last, for whoever thinks better of it at
	// once; DroppedAt is when.
	Dropped   *Frame    `json:"dropped,omitempty"`
	DroppedAt time.Time `json:"dropped_at,omitzero"`
	// Aside is what was asked beside all that, the last such question.
	Aside Aside `json:"aside,omitzero"`
	// Near is where the citizen last said they were.
	Near Near `json:"near,omitzero"`
	// Last is what was said last, for "say it again".
	Last []Reply `json:"last,omitempty"`
	// Topic is what the talk is about, for "how much is that?".
	Topic Topic `json:"topic"`
	// Misses counts turns in a row that led nowhere.
	Misses int `json:"misses,omitempty"`
	// Silences counts silent turns in a row.
	Silences int       `json:"silences,omitempty"`
	LastAt   time.Time `json:"last_at"`
	// Digits are keys pressed so far while a number is being keyed.
	Digits string `json:"digits,omitempty"`
	// Done is when an errand was last carried out.
	Done time.Time `json:"done,omitzero"`
	// Rated is set once satisfaction was asked for.
	Rated bool `json:"rated,omitempty"`
	// Alarm is when an emergency was last heard.
	Alarm time.Time `json:"alarm,omitzero"`
	// Stale marks a draft that somebody else's part came between: it is
	// offered before it is gone on with.
	Stale bool `json:"stale,omitempty"`
	// Heard is the last urgent notice that was said here.
	Heard int64 `json:"heard,omitempty"`
	// Parted is set while somebody who hung up waits for a person.
	Parted bool `json:"parted,omitempty"`
	// Fence grows whenever the conversation changes hands.
	Fence int64 `json:"fence,omitempty"`
	// Calmed is set once abuse was answered.
	Calmed bool `json:"calmed,omitempty"`
	// Child is when the citizen told that they are a child; zero: they did not.
	Child time.Time `json:"child,omitzero"`
	// Awaits is the errand that waits for a guardian's yes, without particulars.
	Awaits *Waiting `json:"awaits,omitempty"`
	// Slow is set when the citizen asked for slower or louder speech.
	Slow bool `json:"slow,omitempty"`
}

// Near is a position a citizen sent.
type Near struct {
	Lat float64   `json:"lat"`
	Lng float64   `json:"lng"`
	At  time.Time `json:"at"`
}

// nearLife is how long a position says where the citizen is.
const nearLife = 24 * time.Hour

// Holds says whether it still does.
func (n Near) Holds(now time.Time) bool { return !n.At.IsZero() && now.Sub(n.At) < nearLife }

// Clone copies a conversation so deeply that no change of one shows in the other.
func (c Conversation) Clone() Conversation {
	c.Frames = slices.Clone(c.Frames)
	for i := range c.Frames {
		c.Frames[i] = c.Frames[i].clone()
	}
	if c.Dropped != nil {
		f := c.Dropped.clone()
		c.Dropped = &f
	}
	c.Waiting = slices.Clone(c.Waiting)
	for i := range c.Waiting {
		c.Waiting[i].Slots = maps.Clone(c.Waiting[i].Slots)
	}
	c.Asked.Choices = cloneChoices(c.Asked.Choices)
	c.Aside.Slots = maps.Clone(c.Aside.Slots)
	if c.Awaits != nil {
		w := *c.Awaits
		w.Slots = maps.Clone(w.Slots)
		c.Awaits = &w
	}
	c.Last = slices.Clone(c.Last)
	for i := range c.Last {
		c.Last[i].Options = slices.Clone(c.Last[i].Options)
		c.Last[i].Citations = slices.Clone(c.Last[i].Citations)
	}
	c.Topic.Others = slices.Clone(c.Topic.Others)
	return c
}

// Frame is one errand under way: the flow and what is known for it so far.
type Frame struct {
	Flow  Intent           `json:"flow"`
	Key   string           `json:"key"` // idempotency key of its one commit
	Slots map[string]Value `json:"slots,omitempty"`
	// Told is the digest of the summary the citizen was last shown; a yes is
	// bound to it.
	Told string `json:"told,omitempty"`
	// Shown is the line in which an operator read a summary back, ShownAs its
	// digest: a yes to it stands in a later line.
	Shown   int64  `json:"shown,omitempty"`
	ShownAs string `json:"shown_as,omitempty"`
	// Tries counts refused or missed answers by slot.
	Tries map[string]int `json:"tries,omitempty"`
	// Beside counts how often something else was told instead of an answer, by slot.
	Beside map[string]int `json:"beside,omitempty"`
	// Passed are optional slots the citizen did not want to give.
	Passed map[string]bool `json:"passed,omitempty"`
	// Among are the choices a slot is to be taken from, by slot: what was
	// told for it fits each of them.
	Among map[string]Prompt `json:"among,omitempty"`
	// Avoid are values the citizen does not want, by slot.
	Avoid   map[string][]Value `json:"avoid,omitempty"`
	Started time.Time          `json:"started"`
	// Proposed marks an errand that the service put to the citizen: a no to it
	// drops it.
	Proposed bool `json:"proposed,omitempty"`
	// Consent is the id of the guardian's yes under which a child's particulars
	// are kept for it.
	Consent string `json:"consent,omitempty"`
	// Opened is set once the flow's opening words were said.
	Opened bool `json:"opened,omitempty"`
	// Words keeps the citizen's own telling that belongs to the errand.
	Words []string `json:"words,omitempty"`
}

func (f Frame) clone() Frame {
	f.Slots, f.Tries, f.Passed = maps.Clone(f.Slots), maps.Clone(f.Tries), maps.Clone(f.Passed)
	f.Among, f.Avoid, f.Beside = maps.Clone(f.Among), maps.Clone(f.Avoid), maps.Clone(f.Beside)
	for slot, p := range f.Among {
		p.Choices = cloneChoices(p.Choices)
		f.Among[slot] = p
	}
	for slot, values := range f.Avoid {
		f.Avoid[slot] = slices.Clone(values)
	}
	f.Words = slices.Clone(f.Words)
	return f
}

func cloneChoices(choices []Choice) []Choice {
	choices = slices.Clone(choices)
	for i := range choices {
		choices[i].Also = maps.Clone(choices[i].Also)
		choices[i].Words = slices.Clone(choices[i].Words)
	}
	return choices
}

// Waiting is an errand asked for but not begun, with what was told for it.
type Waiting struct {
	Flow  Intent           `json:"flow"`
	Slots map[string]Value `json:"slots,omitempty"`
	Text  string           `json:"text,omitempty"` // the words that asked for it
}

// Value is one filled slot.
type Value struct {
	Value string `json:"value"`           // normalised, as in the entity table
	End   string `json:"end,omitempty"`   // exclusive end of a range
	Shown string `json:"shown,omitempty"` // for citizens; Value when empty
	Said  string `json:"said,omitempty"`  // as the citizen said it
}

// Show is the value as a citizen sees it.
func (v Value) Show() string {
	if v.Shown != "" {
		return v.Shown
	}
	return v.Value
}

// AskedKind says what sort of answer is awaited.
type AskedKind string

// What may be awaited.
const (
	AskedNothing  AskedKind = ""
	AskedSlot     AskedKind = "slot"    // Slot of the active frame
	AskedConfirm  AskedKind = "confirm" // yes to the summary
	AskedClarify  AskedKind = "clarify" // one of Choices
	AskedResume   AskedKind = "resume"  // go on with the draft?
	AskedNext     AskedKind = "next"    // begin the waiting errand?
	AskedHandoff  AskedKind = "handoff" // want a person?
	AskedRating   AskedKind = "rating"
	AskedOffer    AskedKind = "offer"    // one of Choices, or anything else
	AskedAside    AskedKind = "aside"    // an answer to the Aside, or anything else
	AskedGuardian AskedKind = "guardian" // a grown-up's yes to the errand that Awaits
)

// Asked is the question the last turn ended with.
type Asked struct {
	Kind AskedKind `json:"kind,omitempty"`
	Slot string    `json:"slot,omitempty"`
	// Choices are what the options stand for, in order.
	Choices []Choice `json:"choices,omitempty"`
	Text    string   `json:"text,omitempty"` // the words to be clarified
	// Apart is set where a summary asks for sensitive particulars besides, Alone
	// where that is all that was asked.
	Apart bool `json:"apart,omitempty"`
	Alone bool `json:"alone,omitempty"`
	// Which is set where the question is which of several was meant.
	Which bool `json:"which,omitempty"`
	// Doubts is the slot whose value was told with the question, to be denied.
	Doubts string `json:"doubts,omitempty"`
	// Times is how often which errand is meant was asked and something else told.
	Times int `json:"times,omitempty"`
}

// Choice is what choosing an option does: it fills a slot, starts a flow, or
// is read as if the citizen had written Say.
type Choice struct {
	Text string `json:"text"`
	Slot string `json:"slot,omitempty"`
	// Value fills Slot.
	Value Value `json:"value,omitzero"`
	// Also fills further slots of the flow that is started.
	Also map[string]Value `json:"also,omitempty"`
	Flow Intent           `json:"flow,omitempty"`
	Say  string           `json:"say,omitempty"`
	// Words choose it too, each wherever it stands in what is said.
	Words []string `json:"words,omitempty"`
	// Aside stands beside what is offered: a plain yes does not mean it.
	Aside bool `json:"aside,omitempty"`
	// Plain is what chooses it as well: Yes or No, said and nothing more.
	Plain Act    `json:"plain,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Topic is what a follow-up question is about.
type Topic struct {
	Guide string    `json:"guide,omitempty"`
	Title string    `json:"title,omitempty"` // the guide's, where it is known
	Field string    `json:"field,omitempty"`
	Town  string    `json:"town,omitempty"`
	At    time.Time `json:"at,omitzero"`
	// Others are the next candidates, for "not this one".
	Others []string `json:"others,omitempty"`
	Text   string   `json:"text,omitempty"` // the matter of the last question
	Case   string   `json:"case,omitempty"` // what is known of the guide's situations
	// Open says that what was told for it can still be told otherwise.
	Open bool `json:"open,omitempty"`
	// Of is the errand that spoke last, where it is not the guides.
	Of Intent `json:"of,omitempty"`
}
