package bot

import (
	"context"
	"fmt"
	"time"
)

// Flow is one errand that takes several turns: what must be known, how it is
// asked for, and the one deed at its end. Flows are typed Go; the engine owns
// everything that is the same for all of them (corrections, digressions,
// cancelling, repeating, interruption), so a flow says only what is its own.
//
// All functions but Commit may read and must not write; they may be called
// several times in a turn.
type Flow struct {
	Intent Intent
	// Name is the errand in the citizen's words, as in "接着…": 预约办事.
	Name, NameEN string
	// Slots in the order they are asked for.
	Slots []Slot
	// Begin, if set, is called once as the flow starts, with the slots told
	// so far. It may fill slots from what is known. A Problem with End set
	// ends the flow with its words ("no appointment to cancel").
	Begin func(ctx context.Context, f *Form) (*Problem, error)
	// Check, if set, looks at the whole form each time slots have changed,
	// before anything more is asked: it may fill slots that follow from
	// others and refuse values that do not go together.
	Check func(ctx context.Context, f *Form) (*Problem, error)
	// Confirm is the summary a yes is bound to; nil where nothing is
	// changed by the errand and no yes is needed.
	Confirm func(ctx context.Context, f *Form) (Reply, error)
	// Reserve, if set, keeps what the summary reads back while the citizen
	// makes up their mind, in the commit of the turn that shows it. A *Problem
	// error means it is no longer there and is put to the citizen instead.
	Reserve func(ctx context.Context, tx Tx, f *Form) error
	// Release gives back what Reserve kept when the errand is dropped.
	Release func(ctx context.Context, tx Tx, f *Form) error
	// Commit does the deed inside the turn's transaction and returns what
	// the citizen is told. A *Problem error means it cannot be done as told:
	// nothing is written and the problem is put to the citizen.
	Commit func(ctx context.Context, tx Tx, f *Form) ([]Reply, error)
	// Show, if set, answers a flow that only reads, outside any transaction.
	// No replies and no error: there is a deed, and Commit does it.
	Show func(ctx context.Context, f *Form) ([]Reply, error)
	// After, if set, says what a flow leads to when it is done: the choices
	// offered with its last reply, and what the talk is about from then on.
	After func(f *Form) ([]Choice, Topic)
	// Within is the intent that citizens start the errand by, where several
	// errands serve one; traces name it. Empty: Intent itself.
	Within Intent
	// Opening is said once before the first question, where words told a
	// story: that it was heard, and what cannot wait. Nil: nothing.
	Opening func(f *Form) string
	// Guide is the guide that tells of the errand itself, for questions put in the
	// middle of it: 要不要钱. Empty: there is none.
	Guide string
	// Soon, if set, answers "when will somebody come?" before anything is filed.
	Soon func(f *Form) string
	// Keeps marks an errand that keeps particulars of people: of a child it
	// keeps none before a guardian has agreed.
	Keeps bool
	// Pressing, if set, says that what was told cannot wait for a guardian: a
	// child without food is helped first (个人信息保护法 article 13).
	Pressing func(words string) bool
	// Sensitive, if set, is how the errand treats sensitive particulars told in
	// its story: they are filed on a yes of their own only.
	Sensitive *Sensitive
	// Undoes marks an errand that is itself a cancelling: "cancel" said to
	// its summary means yes, and there is nothing to change in it.
	Undoes bool
	// Kept is said when such an errand is dropped: all stays as it was.
	Kept, KeptEN string
	// Hears, if set, says whether words answer the errand where it was put as
	// an Aside; beside is set where something else is asked at the moment, so
	// that a bare number means that.
	Hears func(words string, beside bool) bool
	// Gist sums up the form in one line for operators, particulars masked.
	Gist func(f *Form) string
}

// Slot is one thing a flow must know.
type Slot struct {
	Name string
	// Label names the slot to citizens: 日期, 电话.
	Label, LabelEN string
	// Types are the entities that may fill it, the one asked for first.
	Types []EntityType
	// Free slots take any words when asked for.
	Free bool
	// Optional slots may be skipped; they are asked for only where Ask is set.
	Optional bool
	// Needed, if set, says whether the slot matters for this form.
	Needed func(f *Form) bool
	// Why answers "why do you need that?".
	Why, WhyEN string
	// More answers "is there anything else?" where the answers offered are
	// all there are.
	More, MoreEN string
	// Finds reads what no entity tells out of the words: 三个人. Empty: nothing.
	Finds func(words string) string
	// Looks says whether words told beside another particular belong here.
	Looks func(words string) bool
	// Takes, if set, says whether a Free slot's question can be answered by these
	// words at all; others tell more of the story or something else.
	Takes func(words string) bool
	// Whole, of a Free slot, takes a story told in answer as the answer and not
	// as another errand.
	Whole bool
	// Tells, of the slot that keeps the story, says whether words said beside
	// another question tell more of it, however few they are.
	Tells func(words string) bool
	// Hears says whether words answer the slot's own question, whatever else
	// they might mean: a bare "没有" to "有公积金吗".
	Hears func(f *Form, words string) bool
	// Ask is the question. A nil Ask: the slot is filled if told, never asked.
	Ask func(ctx context.Context, f *Form) (Prompt, error)
	// Accept, if set, validates and normalises what was told. The entity's
	// Type is empty for the words of a Free slot and for a chosen option. An
	// empty Value without a Problem: what was told was not meant for the slot.
	Accept func(ctx context.Context, f *Form, e Entity) (Value, *Problem, error)
}

// Prompt is a question to the citizen with the answers it offers.
type Prompt struct {
	Text    string   `json:"text"`
	Spoken  string   `json:"spoken,omitempty"`
	Choices []Choice `json:"choices,omitempty"`
	Which   bool     `json:"which,omitempty"` // it asks which of several was meant
	// Doubts is the slot whose value was gathered from hints and is told with the
	// question: who says no to that takes the value back.
	Doubts string `json:"doubts,omitempty"`
}

// Problem is why a value or a deed is refused, with a way on. It is an error
// so that Commit can return it.
type Problem struct {
	Text    string   // the citizen's sentence
	Clear   []string // slots to forget
	Choices []Choice // what can be done instead
	Keep    bool     // the choices stay what is asked until one is taken
	Stay    bool     // the value before stays
	Which   bool     // it asks which of several was meant
	End     bool     // the flow is over
	// Cause is for logs; it holds no particulars.
	Cause string
}

// Error is the cause, never the citizen's words.
func (p *Problem) Error() string {
	if p.Cause != "" {
		return p.Cause
	}
	return "refused"
}

// Form is what a flow sees of its frame, and of the world, during one turn.
type Form struct {
	Citizen  Citizen
	Channel  Channel
	From     Address
	Now      time.Time
	Language Language
	// Words is what the citizen said in this turn, Acts the words in context
	// heard in it.
	Words string
	Acts  []Act
	// Near is where the citizen said they are, zero where that is not known.
	Near Near
	// Asked is the slot the turn before ended with a question for, if any.
	Asked string
	// apart are the kinds of sensitive particulars that await a yes of their own,
	// rushed those that are filed without one because the matter cannot wait.
	apart, rushed []string
	sensitive     *Sensitive
	frame         *Frame
	style         Styler
}

// NewForm makes a form of its own, for answers outside a conversation and tests.
func NewForm(citizen Citizen, channel Channel, now time.Time, frame *Frame) *Form {
	return &Form{Citizen: citizen, Channel: channel, Now: now, frame: frame}
}

// OnPage offers a page of ours under /h5/, on channels that can open one.
func (f *Form) OnPage(path string) []Option {
	if f.Channel != WeChat && f.Channel != Web {
		return nil
	}
	return []Option{{Text: f.Say("在网页上看", "Open the page"), URL: path}}
}

// Get is the normalised value of a slot, empty if it is not filled.
func (f *Form) Get(slot string) string { return f.frame.Slots[slot].Value }

// Value is a slot's value and whether it is filled.
func (f *Form) Value(slot string) (Value, bool) {
	v, ok := f.frame.Slots[slot]
	return v, ok
}

// Has says whether a slot is filled.
func (f *Form) Has(slot string) bool {
	_, ok := f.frame.Slots[slot]
	return ok
}

// Set fills a slot.
func (f *Form) Set(slot string, v Value) {
	if f.frame.Slots == nil {
		f.frame.Slots = map[string]Value{}
	}
	f.frame.Slots[slot] = v
}

// Clear forgets slots.
func (f *Form) Clear(slots ...string) {
	for _, s := range slots {
		delete(f.frame.Slots, s)
	}
}

// Passed says whether the citizen did not want to give a slot.
func (f *Form) Passed(slot string) bool { return f.frame.Passed[slot] }

// Refused says whether a value told for a slot was refused before.
func (f *Form) Refused(slot string) bool { return f.frame.Tries[slot] > 0 }

// Avoids are the values the citizen does not want for a slot ("not in the
// morning").
func (f *Form) Avoids(slot string) []Value { return f.frame.Avoid[slot] }

// Styled puts what is said outside the turn, such as a reminder, in the
// citizen's script.
func (f *Form) Styled(r Reply) Reply {
	if f.style == nil {
		return r
	}
	return f.style(f.Language, r)
}

// Key is the idempotency key of the errand's one commit.
func (f *Form) Key() string { return f.frame.Key }

// Told is everything the citizen told in this errand, in their words.
func (f *Form) Told() []string { return f.frame.Words }

// Say picks the wording in the citizen's language and fills in args. Chinese
// is written in simplified characters; the engine turns it to traditional
// for those who write so.
func (f *Form) Say(zh, en string, args ...any) string { return f.Language.Say(zh, en, args...) }

// Say picks the wording of a language and fills in args as fmt.Sprintf does.
func (l Language) Say(zh, en string, args ...any) string {
	text := zh
	if l == English && en != "" {
		text = en
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Answer is an errand of one turn: a question answered, nothing changed.
type Answer struct {
	Intent Intent
	Name   string
	Reply  func(ctx context.Context, q *Query) (Response, error)
	// Takes says whether short words go on about what it said last, which left this
	// topic; nil: questions do that name no matter of their own.
	Takes func(t Topic, u *Understanding) bool
}

// Query is a question put to an Answer.
type Query struct {
	*Form
	Understanding Understanding
	Topic         Topic
	// Chosen is the value of the option that was chosen, when the question
	// was asked by choosing one.
	Chosen string
	// During is the flow the question interrupts, empty if none, and Guide what
	// tells of that errand itself.
	During Intent
	Guide  string
	// Also is another wording of the question; what is found by it only adds.
	Also string
	// Patience is how long the answer may still take, if it asks far away.
	Patience time.Duration
}

// Response is what an Answer says.
type Response struct {
	Replies []Reply
	// Choices belong to the last reply and stand for its options.
	Choices []Choice
	// Clarify marks a question back: which of several was meant.
	Clarify bool
	// Unknown marks an honest "not known": the engine counts the miss and
	// sees to a person being offered.
	Unknown bool
	// Topic is what the talk is about from now on.
	Topic Topic
	// Start, if set, begins a flow with these slots after the replies.
	Start *Waiting
	// Model is what came of asking a model for the answer, empty if none was.
	Model string
	// Keep, if set, notes something of the question in the turn's own commit.
	Keep func(ctx context.Context, tx Tx) error
}
