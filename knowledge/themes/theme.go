package themes

import (
	"fmt"
	"unicode/utf8"

	"guanjia/knowledge/words"
)

// Unsure is the answer that keeps everything it might mean in the plan.
const Unsure = "unsure"

// MostQuestions is how many questions a theme may put.
const MostQuestions = 5

// Theme is one matter of life with all that belongs to it.
type Theme struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	Guide   string   `yaml:"guide"`   // the guide that stands for the whole of it, if there is one
	Who     string   `yaml:"who"`     // whom it is for
	Aliases []string `yaml:"aliases"` // names of the theme itself: 出生一件事
	// Starts are patterns of how citizens tell of the whole matter without
	// naming it; see words.Pattern.
	Starts    []words.Pattern `yaml:"starts"`
	Gentle    string          `yaml:"gentle"` // said first, where the matter is a sad one
	Questions []Question      `yaml:"questions"`
	Items     []Item          `yaml:"items"`
	Materials []Material      `yaml:"materials"`
	Steps     []Step          `yaml:"steps"`
	Calendar  string          `yaml:"calendar"` // dates of the year, with the year they are of
	Limit     string          `yaml:"limit"`    // the time limit of the whole, where one is promised
	Where     string          `yaml:"where"`
	Online    []string        `yaml:"online"`
	Tips      []string        `yaml:"tips"`
	Gaps      []string        `yaml:"gaps"`   // what is not known, for operators and the gap report
	SourceIDs []string        `yaml:"source"` // ids in the file's sources
	AsOf      string          `yaml:"as_of"`

	Sources []string `yaml:"-"` // titles of the sources
	File    string   `yaml:"-"`

	title string   // folded
	names []string // the aliases, folded
}

// Question is one thing that changes the plan.
type Question struct {
	ID      string   `yaml:"id"`
	Label   string   `yaml:"label"` // names it in a correction: 主体改成公司
	Ask     string   `yaml:"ask"`
	Why     string   `yaml:"why"`
	Options []Option `yaml:"options"`
	Unsure  string   `yaml:"unsure"` // what is done when the citizen is not sure
	// Reckons hears the answer in a number: of 15 years 交了12年 is short.
	Reckons []Reckoning `yaml:"reckons"`
	When    Cond        `yaml:"when"` // the question makes sense only then
}

// Option is one answer to a question.
type Option struct {
	ID    string   `yaml:"id"`
	Text  string   `yaml:"text"`
	Hears []string `yaml:"hears"` // citizens' own words that mean it
	Say   string   `yaml:"say"`   // what this answer adds to the plan
	Goto  string   `yaml:"goto"`  // another theme this answer leads to

	said []string // what means it, folded
}

// Reckoning is a bar that an answer in a number reaches or not.
type Reckoning struct {
	Of      []string `yaml:"of"`   // words beside the number, one of which tells what is counted
	Not     []string `yaml:"not"`  // words that tell of another count: 断了两年
	Unit    string   `yaml:"unit"` // behind the number
	Least   float64  `yaml:"least"`
	Reached string   `yaml:"reached"` // the option from there on
	Short   string   `yaml:"short"`   // the option below

	of, not []string // folded
}

// Item is one matter of a department.
type Item struct {
	ID    string `yaml:"id"`
	Name  string `yaml:"name"`
	Dept  string `yaml:"dept"`
	Guide string `yaml:"guide"`
	On    Cond   `yaml:"on"`
	Limit string `yaml:"limit"` // its own time limit, in words
	Fee   string `yaml:"fee"`
	Note  string `yaml:"note"`
	Theme string `yaml:"theme"` // a theme of its own
	// Window says that the matter may need a hall's window, which can be
	// booked where its guide is bookable.
	Window bool `yaml:"window"`
	// Unverified marks a matter that rests on common knowledge.
	Unverified bool `yaml:"unverified"`
}

// Waiver is why a paper need not be brought.
type Waiver string

// The waivers, the strictest last.
const (
	SystemMade Waiver = "system_made" // made or filled in online
	DataShare  Waiver = "data_share"  // departments check it among themselves
	ELicence   Waiver = "e_licence"   // an electronic licence stands in for it
	Needed     Waiver = "none"        // must be handed in
)

func (w Waiver) strictness() int {
	switch w {
	case SystemMade:
		return 1
	case DataShare:
		return 2
	case ELicence:
		return 3
	case Needed:
		return 4
	}
	return 0
}

// Material is one paper.
type Material struct {
	Name    string   `yaml:"name"`
	Waive   Waiver   `yaml:"waive"`
	Licence string   `yaml:"licence"` // kind of electronic licence, with ELicence
	When    Cond     `yaml:"when"`
	For     []string `yaml:"for"` // items that want it; empty: the theme as a whole
	Note    string   `yaml:"note"`
}

// Step is one thing that is done, after those it waits for.
type Step struct {
	ID    string   `yaml:"id"`
	Do    string   `yaml:"do"`
	After []string `yaml:"after"`
	Who   string   `yaml:"who"`
	Items []string `yaml:"items"`
	When  Cond     `yaml:"when"`
	// Visit is where one has to come in person; empty: nobody has to.
	Visit string `yaml:"visit"`
	// Days is the step's time limit; 0 is unknown. Calendar days where so
	// marked, else working days.
	Days         int  `yaml:"days"`
	CalendarDays bool `yaml:"calendar"`
	// Aside steps may follow much later and do not count for the time limit.
	Aside bool `yaml:"aside"`
}

// question finds a question by id.
func (t *Theme) question(id string) *Question {
	for i := range t.Questions {
		if t.Questions[i].ID == id {
			return &t.Questions[i]
		}
	}
	return nil
}

// Option finds an answer by id.
func (q *Question) Option(id string) (Option, bool) {
	for _, o := range q.Options {
		if o.ID == id {
			return o, true
		}
	}
	return Option{}, false
}

// Catalogue holds the themes by id, in the order of their files.
type Catalogue struct {
	themes []*Theme
	byID   map[string]*Theme
}

// NewCatalogue gathers themes; ids must differ.
func NewCatalogue(themes []*Theme) (*Catalogue, error) {
	c := &Catalogue{themes: themes, byID: make(map[string]*Theme, len(themes))}
	for _, t := range themes {
		if c.byID[t.ID] != nil {
			return nil, fmt.Errorf("%s: theme %s stands twice", t.File, t.ID)
		}
		c.byID[t.ID] = t
		t.prepare()
	}
	return c, nil
}

// prepare folds, once, what words are compared with.
func (t *Theme) prepare() {
	t.title, t.names = words.Fold(t.Title), words.FoldAll(t.Aliases)
	for i := range t.Questions {
		for j := range t.Questions[i].Reckons {
			r := &t.Questions[i].Reckons[j]
			r.of, r.not = words.FoldAll(r.Of), words.FoldAll(r.Not)
		}
		for j := range t.Questions[i].Options {
			o := &t.Questions[i].Options[j]
			o.said = words.FoldAll(o.Hears)
			if text := words.Fold(o.Text); utf8.RuneCountInString(text) >= 3 {
				o.said = append(o.said, text)
			}
		}
	}
}

// All are the themes in order.
func (c *Catalogue) All() []*Theme { return c.themes }

// Theme finds a theme, nil if there is none of that id.
func (c *Catalogue) Theme(id string) *Theme { return c.byID[id] }

// OfGuide finds the theme a guide stands for, nil if none.
func (c *Catalogue) OfGuide(guide string) *Theme {
	for _, t := range c.themes {
		if t.Guide == guide && guide != "" {
			return t
		}
	}
	return nil
}
