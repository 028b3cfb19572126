package linear

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// Grams is a range of n-gram lengths, both ends included; the zero value
// turns the kind off.
type Grams struct{ Min, Max int }

func (g Grams) on() bool { return g.Max > 0 }

// Options say which features are taken and how the model is trained. They are
// stored with the model: a query is read exactly as the examples were.
type Options struct {
	Chars   Grams // of characters, over Chinese text with its ends marked
	Letters Grams // of letters within words of alphabetic scripts
	Words   Grams // of whole words of alphabetic scripts
	Pinyin  Grams // of fuzzy syllables, against recognition errors

	// PinyinWeight is the length of the pinyin part of a vector beside the
	// written part, which has length 1.
	PinyinWeight float64
	// LastWeight is the length of the last clause's part beside them; 0 leaves
	// it out.
	LastWeight float64
	// Unseen is how much an n-gram never learnt counts towards the length of
	// a vector, beside the rarest one learnt. Above 0 a text made of unknown
	// words has small features and so margins near "none of these".
	Unseen float64
	// MinCount is how many examples an n-gram must stand in to be learnt; 0 and
	// 1 learn all.
	MinCount int
	// ExtraWeight is the value of a feature given by the caller.
	ExtraWeight float64
	// MaskNumbers reads runs of digits as "a phone", "an id", "a number".
	MaskNumbers bool

	// C is the price of an example on the wrong side of its margin.
	C float64
	// Balance raises the price of examples of rare labels: 0 leaves all
	// alike, 1 makes every label weigh the same.
	Balance float64
	// Prior is how much of naive Bayes' weights the machine starts from and is
	// drawn to; 0 draws it to none at all.
	Prior float64
	// Tolerance is where training stops: the largest violation left of the
	// optimality conditions. Passes bounds it.
	Tolerance float64
	Passes    int
	Seed      uint64

	// Reject is the label of what is nobody's intent; it is never accepted.
	Reject string
	// WrongAccept is the largest share of accepted queries that may be wrong
	// on the held-back folds.
	WrongAccept float64
	// Strict are labels that set something going when they are accepted; of
	// them at most StrictWrong may be wrong.
	Strict      []string
	StrictWrong float64
	// Folds is the number of held-back folds on which thresholds and
	// probabilities are fitted; below 2 nothing is fitted and cautious
	// defaults stand.
	Folds int
	// Contests are machines beside those of the labels.
	Contests []Contest `json:",omitempty"`
	// Fitted, if not nil, are the thresholds and the temperature that fitting
	// on the folds would find: they stand, and the folds are not trained.
	Fitted *Fit `json:",omitempty"`
	// Workers is the number of labels trained at once; 0 means one a core.
	// It does not change the result.
	Workers int
}

// Contest is a machine of its own that tells the examples of some labels from
// those of some others, which one label against all the rest cannot be as good at.
// A label is named whole, or by its beginning up to a slash; no Against are all
// labels that are not For.
type Contest struct {
	For, Against []string
	// Share is how much of the margin of the label For begins with is taken from
	// the contest, which knows both sides as equally many; 0 leaves it as it is.
	Share float64 `json:",omitempty"`
}

// side says on which side a label is, and whether it is on either.
func (c Contest) side(label string) (favoured, in bool) {
	named := func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool {
			return n == label || strings.HasSuffix(n, "/") && strings.HasPrefix(label, n)
		})
	}
	if named(c.For) {
		return true, true
	}
	return false, len(c.Against) == 0 || named(c.Against)
}

// Fit is what is fitted on held-back folds.
type Fit struct {
	Thresholds  Thresholds `json:"thresholds"`
	Temperature float64    `json:"temperature"`
}

// Chinese are the options for short Chinese sentences with some words of
// other scripts among them.
func Chinese() Options {
	return Options{
		Chars: Grams{1, 2}, Letters: Grams{2, 5}, Pinyin: Grams{1, 3},
		PinyinWeight: 1.1, LastWeight: 0.3, Unseen: 1, ExtraWeight: 0.15, MaskNumbers: true,
		C: 0.4, Balance: 1, Prior: 0.025, Tolerance: 0.1, Passes: 200, Seed: 1,
		Reject: "out_of_scope", WrongAccept: 0.06, Folds: 5,
	}
}

// English are the options for alphabetic text: letters within words, and
// words.
func English() Options {
	return Options{
		Letters: Grams{2, 5}, Words: Grams{1, 2},
		Unseen: 2, ExtraWeight: 0.5,
		C: 1, Tolerance: 0.1, Passes: 200, Seed: 1,
		Reject: "out_of_scope", WrongAccept: 0.03, Folds: 5,
	}
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o *Options) check() error {
	if !o.Chars.on() && !o.Letters.on() && !o.Words.on() && !o.Pinyin.on() {
		return errors.New("the options take no features")
	}
	for _, g := range []Grams{o.Chars, o.Letters, o.Words, o.Pinyin} {
		if g.Max > 8 || g.Min > g.Max || g.Max < 0 || g.on() && g.Min < 1 {
			return fmt.Errorf("n-grams of %d to %d", g.Min, g.Max)
		}
	}
	for _, c := range o.Contests {
		if len(c.For) == 0 || !(c.Share >= 0 && c.Share <= 1) {
			return fmt.Errorf("a contest of %d labels with a share of %v", len(c.For), c.Share)
		}
	}
	switch {
	case o.Folds > 100:
		return fmt.Errorf("%d folds", o.Folds)
	case !(o.C > 0) || !(o.Tolerance > 0) || o.Passes < 1:
		return errors.New("cost, tolerance and passes must be above zero")
	case !(o.Unseen >= 0) || !(o.PinyinWeight >= 0) || !(o.LastWeight >= 0) || !(o.ExtraWeight >= 0) || !(o.Balance >= 0) || !(o.Prior >= 0) || !(o.WrongAccept >= 0) || !(o.StrictWrong >= 0):
		return errors.New("a weight or share is below zero")
	}
	return nil
}
