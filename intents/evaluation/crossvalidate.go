package evaluation

import (
	"context"
	"fmt"

	"guanjia/intents/linear"
)

// CrossValidate trains the classifier folds times, each time on all folds but
// one, and judges each case by the model that has not seen its fold. What one
// author wrote of an intent stays together where the intent has at least as
// many authors as there are folds. It fails when training does or ctx ends.
func CrossValidate(ctx context.Context, list []linear.Example, o linear.Options, folds int, say Options) (Result, error) {
	if folds < 2 || folds > len(list) {
		return Result{}, fmt.Errorf("cross-validate: %d folds of %d examples", folds, len(list))
	}
	fold := linear.Folds(list, folds)
	models := make([]*linear.Model, folds)
	for f := range folds {
		var learn []linear.Example
		for i, e := range list {
			if fold[i] != f {
				learn = append(learn, e)
			}
		}
		m, err := linear.Train(ctx, learn, o)
		if err != nil {
			return Result{}, fmt.Errorf("cross-validate fold %d: %w", f+1, err)
		}
		models[f] = m
	}
	cases := make([]Case, len(list))
	for i, e := range list {
		cases[i] = Case{Text: e.Text, Intent: e.Label}
	}
	say.Reject = o.Reject
	judge := func(i int, text string) Guess {
		return Classifier(models[fold[i]], func(string) []string { return list[i].Extra })(text)
	}
	return score(cases, judge, say), nil
}
