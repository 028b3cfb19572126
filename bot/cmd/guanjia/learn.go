package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/channels/desk"
	"guanjia/config"
	"guanjia/intents"
	"guanjia/intents/evaluation"
	"guanjia/intents/examples"
	"guanjia/knowledge"
)

// school teaches the intent layer in service what people accepted. It takes a
// newly learnt model into service only where it does on the held-back examples
// as well as the one before.
type school struct {
	dir    string
	base   *knowledge.Base
	towns  []config.Town
	store  *store.Store
	engine *bot.Engine
	taught *taught
	clock  bot.Clock
	mu     sync.Mutex // one learns at a time
	// lenience is how much worse a new model may do; 0 but in tests of how it
	// is exchanged.
	lenience float64
}

// marks is how well a model does on the held-back examples; shares.
type marks struct {
	Cases       int     `json:"cases"`
	Accuracy    float64 `json:"accuracy"`
	MacroF1     float64 `json:"macro_f1"`
	WrongAccept float64 `json:"wrong_accept"`
	OutOfScope  float64 `json:"out_of_scope_recall"`
	FlowStart   float64 `json:"flow_start"`
	Emergencies float64 `json:"emergency_recall"`
	recall      map[string]float64
}

// slack is how much a figure other than the share right and the emergencies
// found may lose, so that one case more or less of few decides nothing: the
// thresholds are fitted anew with every example.
const (
	slack       = 0.005
	slackIntent = 0.04 // of one intent alone, a few dozen cases
)

// learning is what came of taking up accepted lessons.
type learning struct {
	Learnt  int      `json:"learnt"`            // lessons the model in service knows now
	Known   []int64  `json:"known,omitempty"`   // lessons that stand among the built-in examples
	Refused []string `json:"refused,omitempty"` // why the model before stays
	Before  marks    `json:"before"`
	After   marks    `json:"after"`
}

// relearn takes up what was accepted.
func (s *school) relearn(ctx context.Context, by string) (learning, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out learning
	lessons, err := s.store.Lessons(ctx, bot.LessonAccepted, 1000)
	if err != nil || len(lessons) == 0 {
		return out, err
	}
	files, ids, err := s.lessonFiles(lessons, &out)
	if err != nil {
		return out, err
	}
	trial, err := os.MkdirTemp("", "guanjia-learn-")
	if err != nil {
		return out, fmt.Errorf("make a place to learn: %w", err)
	}
	defer os.RemoveAll(trial)
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(trial, name), raw, 0o600); err != nil {
			return out, fmt.Errorf("write what is to be learnt: %w", err)
		}
	}
	candidate, err := openMind(ctx, s.base, s.towns, "", examplesBeside(trial))
	if err != nil {
		return out, err
	}
	if out.Before, err = grade(s.taught.now()); err != nil {
		return out, err
	}
	if out.After, err = grade(candidate); err != nil {
		return out, err
	}
	if out.Refused = out.Before.fallsTo(out.After, s.lenience); len(out.Refused) > 0 {
		return out, nil
	}
	for name, raw := range files {
		if err := replaceFile(filepath.Join(s.dir, taughtDir, name), raw); err != nil {
			return out, err
		}
	}
	if err := s.store.Learnt(ctx, append(ids, out.Known...), s.clock()); err != nil {
		return out, err
	}
	s.taught.serve(candidate)
	out.Learnt = len(ids)
	return out, s.store.Audit(ctx, bot.AuditEntry{At: s.clock(), Actor: by, Deed: "intents_learnt", Subject: fmt.Sprint(out.Learnt)})
}

// Relearn implements desk.Learner.
func (s *school) Relearn(ctx context.Context, by string) (string, error) {
	r, err := s.relearn(ctx, by)
	var wrong usageError
	switch {
	case errors.As(err, &wrong):
		return "没有换：有一条采纳的句子在自带例句里是另一个意思，请撤下或改写（" + wrong.Error() + "）。", nil
	case err != nil:
		return "", err
	case len(r.Refused) > 0:
		return "没有换：学了以后在留出的例句上变差了（" + strings.Join(r.Refused, "；") + "）。请撤下可疑的再试。", nil
	case r.Before.Cases == 0:
		return "没有等着学的。", nil
	}
	return fmt.Sprintf("学会了 %d 条，已经在用：留出的例句对了 %.1f%%，原来 %.1f%%。", r.Learnt, 100*r.After.Accuracy, 100*r.Before.Accuracy), nil
}

// Lessons implements desk.Learner.
func (s *school) Lessons(ctx context.Context, status bot.LessonStatus, limit int) ([]bot.Lesson, error) {
	return s.store.Lessons(ctx, status, limit)
}

// Decide implements desk.Learner.
func (s *school) Decide(ctx context.Context, id int64, v bot.Verdict) error {
	v.At = s.clock()
	err := s.store.DecideLesson(ctx, id, v)
	if errors.Is(err, store.ErrNoLesson) {
		return fmt.Errorf("%w: %w", desk.ErrNoLesson, err)
	}
	return err
}

// Relabel implements desk.Learner.
func (s *school) Relabel(ctx context.Context, citizen bot.CitizenID, operator, words string, intent bot.Intent) error {
	return s.engine.Relabel(ctx, citizen, operator, words, intent)
}

// lessonFiles are the files of taught examples with the lessons among them.
// Of the same words the latest lesson counts.
func (s *school) lessonFiles(lessons []bot.Lesson, out *learning) (files map[string][]byte, ids []int64, err error) {
	known, err := builtIn()
	if err != nil {
		return nil, nil, err
	}
	before, err := examples.Load(examplesOf(s.dir))
	if err != nil {
		return nil, nil, err
	}
	all := map[string]examples.Example{}
	for _, e := range before {
		if strings.HasPrefix(e.File, "taught-") {
			all[sameWords(e.Text)] = e
		}
	}
	slices.SortFunc(lessons, func(a, b bot.Lesson) int { return cmp.Compare(a.ID, b.ID) })
	for _, l := range lessons {
		if e, stands := known[sameWords(l.Text)]; stands {
			if e.Intent != string(l.Intent) {
				return nil, nil, usagef("lesson %d: the words stand among the built-in examples as %s; reject it or change its text", l.ID, e.Intent)
			}
			out.Known = append(out.Known, l.ID)
			continue
		}
		author := "citizen"
		if l.By != "" {
			author = "operator"
		}
		all[sameWords(l.Text)] = examples.Example{Intent: string(l.Intent), Text: l.Text, Author: author, Source: fmt.Sprintf("lesson %d", l.ID)}
		ids = append(ids, l.ID)
	}
	byIntent := map[string][]examples.Example{}
	for _, e := range all {
		byIntent[e.Intent] = append(byIntent[e.Intent], e)
	}
	files = map[string][]byte{}
	for intent, list := range byIntent {
		slices.SortFunc(list, func(a, b examples.Example) int { return cmp.Compare(a.Text, b.Text) })
		if files[taughtFile(intent)], err = taughtYAML(intent, list); err != nil {
			return nil, nil, err
		}
	}
	for _, e := range before { // an intent whose last example went elsewhere
		if strings.HasPrefix(e.File, "taught-") && byIntent[e.Intent] == nil {
			if files[taughtFile(e.Intent)], err = taughtYAML(e.Intent, nil); err != nil {
				return nil, nil, err
			}
		}
	}
	return files, ids, nil
}

// replaceFile puts a file in the place of another at once.
func replaceFile(name string, raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("make folder of examples: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-")
	if err != nil {
		return fmt.Errorf("write examples: %w", err)
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write examples: %w", err), os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write examples: %w", err)
	}
	return nil
}

// grade scores a model on the held-back examples.
func grade(mind bot.Understander) (marks, error) {
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		return marks{}, err
	}
	_, held := examples.Split(list)
	r := evaluation.Score(asSpoken(evaluation.Cases(held)), judge(mind), evaluation.Options{Name: "held", Reject: string(bot.OutOfScope), Flows: intents.Learning().Strict})
	m := marks{
		Cases: r.Cases, Accuracy: r.Accuracy, MacroF1: r.MacroF1, WrongAccept: r.Decisions.WrongAccept,
		OutOfScope: r.OutOfScope.Recall, FlowStart: r.OutOfScope.FlowStart, recall: map[string]float64{},
	}
	for _, i := range r.Intents {
		m.recall[i.Intent] = i.Recall
	}
	m.Emergencies = m.recall[string(bot.Emergency)]
	return m, nil
}

// asSpoken adds each case once more with a word people begin with: what hangs
// on such a word has learnt the wrong thing.
func asSpoken(cases []evaluation.Case) []evaluation.Case {
	leads := []string{"嗯嗯", "请问", "那个", "你好，", "我"}
	out := slices.Clone(cases)
	for i, c := range cases {
		c.Text = leads[i%len(leads)] + c.Text
		out = append(out, c)
	}
	return out
}

// fallsTo names what is worse than before.
func (m marks) fallsTo(after marks, lenience float64) []string {
	var out []string
	worse := func(name string, was, is, slack float64) {
		if is < was-slack-lenience {
			out = append(out, fmt.Sprintf("%s falls from %.1f %% to %.1f %%", name, 100*was, 100*is))
		}
	}
	worse("the share right", m.Accuracy, after.Accuracy, 0)
	worse("emergencies found", m.Emergencies, after.Emergencies, 0)
	worse("macro F1", m.MacroF1, after.MacroF1, slack)
	worse("out-of-scope recall", m.OutOfScope, after.OutOfScope, slackIntent)
	worse("the share rightly acted on", 1-m.WrongAccept, 1-after.WrongAccept, slack)
	worse("the share of strangers for whom no errand begins", 1-m.FlowStart, 1-after.FlowStart, slackIntent)
	intents := make([]string, 0, len(m.recall))
	for i := range m.recall {
		intents = append(intents, i)
	}
	slices.Sort(intents)
	for _, i := range intents {
		worse("recall of "+i, m.recall[i], after.recall[i], slackIntent)
	}
	return out
}
