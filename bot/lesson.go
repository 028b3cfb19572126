package bot

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// LessonStatus is where a lesson stands.
type LessonStatus string

// The states of a lesson.
const (
	LessonOpen     LessonStatus = "open"     // nobody has looked at it
	LessonAccepted LessonStatus = "accepted" // to be learnt from
	LessonLearnt   LessonStatus = "learnt"   // the model in service knows it
	LessonRejected LessonStatus = "rejected"
)

// Lesson says that an utterance asked for something else than it was taken
// for: an operator said so, or the citizen chose another reading. It is learnt
// from only after a person accepted it.
type Lesson struct {
	ID      int64
	Citizen CitizenID
	By      string // the operator; empty: the citizen
	Text    string // the words, particulars replaced by samples of their kind
	Was     Intent // what it was taken for
	Intent  Intent // what it asks for; empty: not this, and nobody knows yet
	Times   int    // how often it was said of the same words
	Status  LessonStatus
	At      time.Time
	Decider string
}

// Verdict is what a person makes of a lesson. Text and Intent, where set,
// take the place of the lesson's own.
type Verdict struct {
	Accept bool
	Text   string
	Intent Intent
	By     string
	At     time.Time
}

// LessonKeeper is a commit that can keep lessons, as open ones. The same words corrected
// the same way again are counted; beyond what one citizen may have open they
// are dropped.
type LessonKeeper interface {
	KeepLesson(l Lesson) error
}

// What an utterance must be to be learnt from, in characters: a name by itself
// asks for nothing, a story tells too much.
const (
	shortestExample = 5
	longestExample  = 120
)

// correct notes what words asked for, by the citizen's own choice: another
// thing than they were taken for, or one that was not sure. Empty: not that.
func (s *scene) correct(words string, intent Intent) {
	u := s.engine.understand.Understand(Utterance{Text: words, Now: s.now})
	n := utf8.RuneCountInString(words)
	if n < shortestExample || n > longestExample || u.Decision == Danger || u.Intent == intent && u.Decision == Accept {
		return
	}
	s.lessons = append(s.lessons, Lesson{Citizen: s.citizen.ID, Text: Scrub(u), Was: u.Intent, Intent: intent, At: s.now})
}

// keepLessons puts them in the commit, where the store can keep any.
func (s *scene) keepLessons(tx Tx) error {
	keeper, ok := tx.(LessonKeeper)
	if !ok {
		return nil
	}
	for _, c := range s.lessons {
		if err := keeper.KeepLesson(c); err != nil {
			return fmt.Errorf("keep lesson: %w", err)
		}
	}
	return nil
}

// Relabel keeps an operator's word that a citizen's line asks for an intent.
func (e *Engine) Relabel(ctx context.Context, citizen CitizenID, operator, words string, intent Intent) error {
	u := e.understand.Understand(Utterance{Text: words, Now: e.clock()})
	n := utf8.RuneCountInString(words)
	if n < shortestExample || n > longestExample {
		return fmt.Errorf("correct intent: %w", ErrNoExample)
	}
	return e.store.Commit(ctx, func(tx Tx) error {
		keeper, ok := tx.(LessonKeeper)
		if !ok {
			return ErrNoExample
		}
		return keeper.KeepLesson(Lesson{Citizen: citizen, By: operator, Text: Scrub(u), Was: u.Intent, Intent: intent, At: e.clock()})
	})
}

// disowns hears that the errand just begun is not what was asked for: 不是这个.
// Where answers are offered the words are about those.
func (s *scene) disowns() bool {
	return s.conv.Asked.Kind == AskedSlot && len(s.conv.Asked.Choices) == 0 && len(s.frame().Words) == 1 && len(s.u.Entities) == 0 &&
		utf8.RuneCountInString(s.u.Text) <= 12 && Mentions(s.u.Norm, "不是这个", "不是这件", "不是要这个", "不是办这", "不是要办这", "唔系呢个", "唔系呢件", "not this", "not what i")
}

// ErrNoExample means that words cannot be learnt from: a syllable or a story.
var ErrNoExample = errors.New("not an utterance to learn from")
