package knowledge

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Evaluation is the score of retrieval and answers on a file of questions. Rates
// over no questions at all are 0.
type Evaluation struct {
	N                    int     `json:"n"`
	RecallAt1            float64 `json:"recall_at_1"`
	RecallAt5            float64 `json:"recall_at_5"`
	RecallAt10           float64 `json:"recall_at_10"`
	MRRAt10              float64 `json:"mrr_at_10"`
	Answered             float64 `json:"answered"`
	AnsweredRight        float64 `json:"answered_right"`
	UnanswerableAnswered float64 `json:"unanswerable_answered"`
	P50                  float64 `json:"p50_ms"`
	P99                  float64 `json:"p99_ms"`

	// CI95 holds the 95 % confidence intervals of the rates by their names, and
	// of answered_wrong, the share of answerable questions that were answered
	// otherwise than they should be.
	CI95          map[string]Interval `json:"ci95,omitempty"`
	AnsweredWrong float64             `json:"answered_wrong,omitempty"`
}

// exam is one question of the file.
type exam struct {
	Q            string   `json:"q"`
	Gold         []string `json:"gold"`
	Field        string   `json:"field"`
	AnswerHas    []string `json:"answer_has"`
	Unanswerable bool     `json:"unanswerable"`
	History      []string `json:"history"`
}

// rankLine is one line of the ranks file.
type rankLine struct {
	IDs      []string `json:"ids"`
	Decision string   `json:"decision"`
}

// ranksDepth is how deep the ranks file goes.
const ranksDepth = 10

// Evaluate asks every question of a JSON-lines file and scores the answers.
// A clarifying question is neither answered nor wrong. ranks, unless nil,
// gets a JSON line for each question, in order. Guides that are not in force at
// now do not answer, as in a conversation; with the zero time all are.
func Evaluate(ctx context.Context, b *Base, questions io.Reader, ranks io.Writer, now time.Time) (Evaluation, error) {
	var s score
	lines := bufio.NewReaderSize(questions, 64<<10)
	for n := 1; ; n++ {
		line, long, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return Evaluation{}, fmt.Errorf("read question %d: %w", n, err)
		}
		if long {
			return Evaluation{}, fmt.Errorf("read question %d: longer than %d bytes", n, maxRow)
		}
		if line = trimBOM(line); len(line) > 0 {
			if err := ctx.Err(); err != nil {
				return Evaluation{}, fmt.Errorf("evaluate: %w", err)
			}
			var e exam
			if err := json.Unmarshal(line, &e); err != nil {
				return Evaluation{}, fmt.Errorf("read question %d: %w", n, err)
			}
			rank := s.examine(ctx, b, e, now)
			if ranks != nil {
				if err := json.NewEncoder(ranks).Encode(rank); err != nil {
					return Evaluation{}, fmt.Errorf("write ranks of question %d: %w", n, err)
				}
			}
		}
		if err != nil {
			return s.result(), nil
		}
	}
}

func trimBOM(line []byte) []byte {
	return []byte(strings.TrimSpace(strings.TrimPrefix(string(line), "\ufeff")))
}

// score adds up what questions came to.
type score struct {
	n, withGold, answerable, unanswerable int
	at1, at5, at10                        int
	mrr                                   float64
	answered, right, wronglyAnswered      int
	times                                 []time.Duration
}

func (s *score) examine(ctx context.Context, b *Base, e exam, now time.Time) rankLine {
	began := time.Now()
	a := b.Ask(ctx, Question{Text: e.Q, Now: now, History: e.History})
	s.times = append(s.times, time.Since(began))
	s.n++
	line := rankLine{IDs: b.deep(a), Decision: a.Decision}
	if len(e.Gold) > 0 {
		s.withGold++
		s.place(line.IDs, e.Gold)
	}
	if e.Unanswerable {
		s.unanswerable++
		if a.Decision == Answered {
			s.wronglyAnswered++
		}
		return line
	}
	s.answerable++
	if a.Decision == Answered {
		s.answered++
		if e.right(a) {
			s.right++
		}
	}
	return line
}

func (s *score) place(ids, gold []string) {
	for i, id := range ids[:min(len(ids), ranksDepth)] {
		if !slices.Contains(gold, id) {
			continue
		}
		s.mrr += 1 / float64(i+1)
		if i == 0 {
			s.at1++
		}
		if i < 5 {
			s.at5++
		}
		s.at10++
		return
	}
}

// right: the top guide is in gold and everything asked for stands in the
// answer, after NFKC and without white space.
func (e *exam) right(a Answer) bool {
	if !slices.Contains(e.Gold, a.Guide) {
		return false
	}
	text := bare(a.Text)
	for _, want := range e.AnswerHas {
		if !strings.Contains(text, bare(want)) {
			return false
		}
	}
	return true
}

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

// deep is the ranking of an answer, filled up to ten with the other guides.
func (b *Base) deep(a Answer) []string {
	ids := make([]string, 0, ranksDepth)
	for _, c := range a.Candidates {
		ids = append(ids, c.ID)
	}
	for _, g := range b.Guides() {
		if len(ids) >= ranksDepth {
			break
		}
		if !slices.Contains(ids, g.ID) {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

func (s *score) result() Evaluation {
	slices.Sort(s.times)
	at := func(q float64) float64 {
		if len(s.times) == 0 {
			return 0
		}
		d := s.times[min(len(s.times)-1, int(math.Ceil(q*float64(len(s.times))))-1)]
		return math.Round(float64(d.Microseconds())) / 1000
	}
	return Evaluation{
		N: s.n, RecallAt1: rate(s.at1, s.withGold), RecallAt5: rate(s.at5, s.withGold), RecallAt10: rate(s.at10, s.withGold),
		MRRAt10: part0(s.mrr, s.withGold), Answered: rate(s.answered, s.answerable), AnsweredRight: rate(s.right, s.answerable),
		UnanswerableAnswered: rate(s.wronglyAnswered, s.unanswerable), P50: at(0.5), P99: at(0.99),
		AnsweredWrong: rate(s.answered-s.right, s.answerable),
		CI95: map[string]Interval{
			"recall_at_1": interval(s.at1, s.withGold), "recall_at_5": interval(s.at5, s.withGold), "recall_at_10": interval(s.at10, s.withGold),
			"answered": interval(s.answered, s.answerable), "answered_right": interval(s.right, s.answerable),
			"answered_wrong": interval(s.answered-s.right, s.answerable), "unanswerable_answered": interval(s.wronglyAnswered, s.unanswerable),
		},
	}
}

func rate(n, of int) float64 { return part0(float64(n), of) }

func part0(sum float64, of int) float64 {
	if of == 0 {
		return 0
	}
	return math.Round(sum/float64(of)*1e4) / 1e4
}
