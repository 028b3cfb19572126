package intents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/intents/examples"
	"guanjia/intents/hanzi"
	"guanjia/intents/linear"
)

// Model is the linear classifier as the recogniser uses it.
type Model struct{ model *linear.Model }

// Learning is how the classifier learns: what sets a flow going must be surer
// than what is merely answered.
func Learning() linear.Options {
	o := linear.Chinese()
	o.WrongAccept = 0.085
	for _, intent := range startsFlow() {
		o.Strict = append(o.Strict, string(intent))
	}
	o.StrictWrong = 0.06
	danger := []string{dangerLabel}
	o.Contests = []linear.Contest{
		contestWhole: {For: danger},
		contestCalm:  {For: danger, Against: []string{examples.Calm}},
		// What is nobody's intent is the largest label by far, and as one against all
		// the rest it says so too seldom.
		contestNobody: {For: []string{o.Reject}, Share: 0.25},
	}
	return o
}

// The contests the classifier holds beside the ranking: danger of any kind against
// everything else, and against talk that only sounds like it; and nobody's intent
// against everything else.
const (
	contestWhole = iota
	contestCalm
	contestNobody
)

// startsFlow are the intents that, once accepted, begin an errand.
func startsFlow() []bot.Intent {
	return []bot.Intent{
		bot.BookAppointment, bot.RescheduleAppointment, bot.CancelAppointment, bot.CheckAppointment,
		bot.RequestHelp, bot.ClaimWish, bot.FileReport, bot.CheckRequest, bot.TalkToOperator,
	}
}

// Train makes the recogniser's classifier learn from the examples of a
// folder, or loads what was learnt from the same ones from shelf, a folder
// that keeps the models of several versions side by side; an empty shelf keeps
// nothing. The recogniser is not to be used before.
func (r *Recognizer) Train(ctx context.Context, folder fs.FS, shelf string) error {
	o := Learning()
	known, err := r.fingerprint(folder, o)
	if err != nil {
		return err
	}
	if o.Fitted, err = fitted(folder, known); err != nil {
		return err
	}
	file := ""
	if shelf != "" {
		file = filepath.Join(shelf, fmt.Sprintf("intents-%x.model", known[:8]))
	}
	m, err := linear.Cached(ctx, file, known, func() ([]linear.Example, error) {
		list, err := examples.Load(folder)
		learn, _ := examples.Split(list)
		return r.Learnable(learn), err
	}, o)
	if err != nil {
		return fmt.Errorf("train intents: %w", err)
	}
	r.classifier = &Model{m}
	return clearShelf(shelf)
}

// FittedFile is where a folder of examples keeps the thresholds that were
// fitted on its folds: fitting takes two thirds of the time of learning, and is
// the same for every installation that learns from the same.
const FittedFile = "fitted.json"

// Fitted are thresholds with what they were fitted for.
type Fitted struct {
	Fingerprint string     `json:"fingerprint"` // hex
	Fit         linear.Fit `json:"fit"`
}

// fitted are the thresholds a folder keeps for exactly what is to be learnt;
// nil where it keeps none, or others: then they are fitted again.
func fitted(folder fs.FS, known [sha256.Size]byte) (*linear.Fit, error) {
	raw, err := fs.ReadFile(folder, FittedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read fitted thresholds: %w", err)
	}
	var f Fitted
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("read fitted thresholds: %w", err)
	}
	if f.Fingerprint != hex.EncodeToString(known[:]) {
		return nil, nil
	}
	return &f.Fit, nil
}

// Fit learns from a folder and returns what is fitted on its folds: the
// thresholds, to be kept in FittedFile, and the weights of danger, to be kept in
// BeliefFile.
func (r *Recognizer) Fit(ctx context.Context, folder fs.FS) (Fitted, Weighing, error) {
	o := Learning()
	known, err := r.fingerprint(folder, o)
	if err != nil {
		return Fitted{}, Weighing{}, err
	}
	list, err := examples.Load(folder)
	if err != nil {
		return Fitted{}, Weighing{}, err
	}
	learn, _ := examples.Split(list)
	all := r.Learnable(learn)
	m, ranks, err := linear.HoldBack(ctx, all, o)
	if err != nil {
		return Fitted{}, Weighing{}, fmt.Errorf("fit: %w", err)
	}
	return Fitted{hex.EncodeToString(known[:]), m.Fit()}, r.weigh(learn, all, ranks, o.Folds), nil
}

// shelfLength is how many models a shelf keeps: those of the versions in use.
const shelfLength = 8

// clearShelf takes the models learnt longest ago off the shelf.
func clearShelf(shelf string) error {
	if shelf == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(shelf, "intents-*.model"))
	if err != nil || len(files) <= shelfLength {
		return err
	}
	learnt := map[string]time.Time{}
	for _, f := range files {
		if s, err := os.Stat(f); err == nil { // gone: another process clears too
			learnt[f] = s.ModTime()
		}
	}
	slices.SortFunc(files, func(a, b string) int { return learnt[b].Compare(learnt[a]) })
	for _, f := range files[shelfLength:] {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear old models: %w", err)
		}
	}
	return nil
}

// sampled is how many lines of the examples stand for one whose reading is part
// of the fingerprint: enough to notice another way of reading or other names, and
// not so many that a start takes as long as learning.
const sampled = 100

// fingerprint stands for all the classifier depends on. The examples are hashed
// as they are written: parsing them takes longer than loading what was learnt.
func (r *Recognizer) fingerprint(folder fs.FS, o linear.Options) ([sha256.Size]byte, error) {
	files, err := examples.Files(folder)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	known := []linear.Example{{Label: "names", Text: r.lexicon, Extra: []string{string(safetyLexicon), string(conceptWords), string(topicWords), string(meaningWords)}}}
	for _, f := range files {
		if f.Held() { // scored, never learnt
			continue
		}
		known = append(known, linear.Example{Label: f.Name, Text: string(f.Raw)})
		n := 0
		for line := range strings.Lines(string(f.Raw)) {
			if n++; n%sampled == 0 {
				text, features := r.Reading(line)
				known = append(known, linear.Example{Text: text, Extra: features})
			}
		}
	}
	return linear.Fingerprint(known, o), nil
}

// Mend implements Classifier.
func (m *Model) Mend(folded []rune) []rune { return m.model.Mend(folded) }

// Judge implements Classifier. Emergencies were learnt kind by kind; they are
// taken out of the ranking, and whether they led tells on the decision.
func (m *Model) Judge(ways ...linear.Text) Verdict {
	v, rest := verdictOf(m.model.Weigh(ways...))
	total := 0.0
	for _, r := range v.Ranked {
		total += r.Score
	}
	for i := range v.Ranked {
		v.Ranked[i].Score /= max(total, 1e-9)
	}
	v.Decision = decisionOf(m.model.Decide(rest))
	if v.Alarm > 0 && v.Decision == bot.Accept {
		v.Decision = bot.Clarify
	}
	return v
}

// verdictOf reads a ranking of all labels, the best first; rest are those of
// intents. What the ranking held is lost.
func verdictOf(ranking linear.Ranking) (v Verdict, rest []linear.Ranked) {
	list := ranking.Labels
	rest = list[:0] // of what has been looked at
	const none = -1e6
	v = Verdict{Ranked: make([]bot.Ranked, 0, len(list)), Danger: none, Calm: none, Others: none}
	if len(ranking.Contests) > 0 {
		v.Whole, v.AgainstCalm = ranking.Contests[contestWhole], ranking.Contests[contestCalm]
	}
	for _, r := range list {
		kind, dangerous := strings.CutPrefix(r.Label, dangerLabel)
		switch {
		case dangerous:
			if v.Danger < r.Margin {
				v.Danger, v.Hazard = r.Margin, hazardOf(kind)
			}
		case r.Label == examples.Calm:
			v.Calm = r.Margin
		default:
			v.Others = max(v.Others, r.Margin)
			rest = append(rest, r)
			v.Ranked = append(v.Ranked, bot.Ranked{Intent: bot.Intent(r.Label), Score: r.Prob})
		}
	}
	v.Alarm = v.Danger - max(v.Calm, v.Others)
	return v, rest
}

func decisionOf(d linear.Decision) bot.Decision {
	switch d {
	case linear.Accept:
		return bot.Accept
	case linear.Clarify:
		return bot.Clarify
	}
	return bot.Abstain
}

// dangerLabel begins the labels of emergencies: emergency/fire, and emergency/
// for those of no kind of their own.
const dangerLabel = string(bot.Emergency) + "/"

// label is what an example is learnt under. An emergency whose kind nobody
// wrote down is of the kind the lexicon sees in it.
func (r *Recognizer) label(e examples.Example) string {
	if e.Intent != string(bot.Emergency) {
		return e.Intent
	}
	kind := e.Kind
	if kind == "" {
		kind = string(r.safety.find(string(hanzi.Fold(e.Text))).hazard)
	}
	return dangerLabel + string(hazardOf(kind))
}

func hazardOf(kind string) bot.Hazard {
	if kind == general {
		return bot.HazardNone
	}
	return bot.Hazard(kind)
}

// Learnable turns examples into what the classifier learns from, on every core:
// reading them takes as long as learning.
func (r *Recognizer) Learnable(list []examples.Example) []linear.Example {
	out := make([]linear.Example, len(list))
	var group sync.WaitGroup
	part := (len(list) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	for from := 0; from < len(list); from += part {
		group.Go(func() {
			for i := from; i < min(from+part, len(list)); i++ {
				masked, features := r.Reading(list[i].Text)
				out[i] = linear.Example{Label: r.label(list[i]), Text: masked, Group: list[i].Author, Extra: features, Weight: list[i].Weight()}
			}
		})
	}
	group.Wait()
	return out
}

// Reading is what the classifier is given of a text: the words with a person's
// particulars as marks, and the kinds of particulars found in them. Learning
// and judging read alike. Dates, places and services keep their words: masking
// them as well cost a point of accuracy on our examples.
func (r *Recognizer) Reading(text string) (masked string, features []string) {
	folded := hanzi.Fold(strings.ToValidUTF8(text, "�"))
	original := []rune(text)
	if len(original) != len(folded) { // broken bytes
		original = folded
	}
	t := r.reading(original, folded, readingDay())
	return t.read(t.entities(), asks(t.text))
}

// readingDay is a day to read examples on; what is read does not depend on it.
func readingDay() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()) }

// read masks the particulars found and names them.
func (t *reading) read(entities []bot.Entity, question bool) (masked string, features []string) {
	var spans []linear.Span
	for _, e := range entities {
		mark, name := markOf(e.Type)
		if mark != 0 {
			spans = append(spans, linear.Span{Start: e.Start, End: e.End, Mark: mark})
		}
		if name != "" && !slices.Contains(features, name) {
			features = append(features, name)
		}
	}
	for i := 0; i < len(t.r); i++ {
		if end := t.takenBack(i); end > i {
			spans = append(spans, linear.Span{Start: i, End: end, Mark: markDenied})
			i = end
		}
	}
	slices.SortStableFunc(spans, func(a, b linear.Span) int { return a.Start - b.Start })
	if question {
		features = append(features, "question")
	}
	if !slices.ContainsFunc(t.r, isHan) {
		features = append(features, "latin")
	}
	if t.concepts != nil {
		t.said = t.concepts.in(t.meant)
		features = t.concepts.features(t.said, features)
	}
	if t.topics != nil {
		features = t.topics.features(t.meant, slices.Contains(features, "has:service"), features)
	}
	if t.meanings != nil {
		t.means = t.meanings.in(t.meant)
		features = t.meanings.features(t.means, slices.ContainsFunc(features, theirsOnly), features)
	}
	return linear.Mask(string(t.meant), spans), features
}

// theirsOnly says whether a feature tells of others' matters and none of ours.
func theirsOnly(feature string) bool { return strings.HasPrefix(feature, onlyTopic) }

// markDenied stands for a wish that is denied before the true one is told.
const markDenied = '\uE010'

// takenBack is where a clause that begins at i and says what is not wanted ends,
// when the next says what is: 不是取消，是改到下周. Its words speak for the wrong
// intent.
func (t *reading) takenBack(i int) int {
	n := t.stands(i, "并不是", "不是", "唔系", "不要", "不用", "唔使", "别", "not to ", "i don't want to ", "not ")
	if n == 0 || i > 0 && !pause(t.r, i-1) && !t.before(i, "我", "这", "也", "又") {
		return i
	}
	const longest = 14
	for j := i + n; j < len(t.r) && j-i <= longest*2; j++ {
		if !strings.ContainsRune(",;。.，；", t.r[j]) {
			continue
		}
		if j-i > longest && !latin(t.at(i)) {
			return i
		}
		k := j + 1
		for t.at(k) == ' ' {
			k++
		}
		k += t.stands(k, "我", "i ")
		if t.stands(k, "是", "而是", "就是", "只是", "系", "要", "想", "直接", "want", "just", "need", "would") > 0 {
			return j
		}
		return i
	}
	return i
}

// markOf is what stands for a particular in the classifier's eyes, 0 where its
// words are worth more than its kind, and the feature it is.
func markOf(kind bot.EntityType) (rune, string) {
	switch kind {
	case bot.Date, bot.DateRange, bot.DateTime, bot.DateTimeRange:
		return 0, "has:date"
	case bot.Time, bot.TimeRange:
		return 0, "has:time"
	case bot.Phone:
		return linear.MarkPhone, "has:phone"
	case bot.IDNumber, bot.Permit, bot.Passport:
		return linear.MarkID, "has:id"
	case bot.Town, bot.Hall, bot.PostalAddress:
		return 0, "has:place"
	case bot.TicketNo, bot.AppointmentNo:
		return linear.MarkTicket, "has:number"
	case bot.PersonName:
		return linear.MarkName, "has:name"
	case bot.Service:
		return 0, "has:service"
	}
	return 0, ""
}
