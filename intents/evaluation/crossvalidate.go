package evaluation

import (
	"context"
	"fmt"

	"guanjia/intents/examples"
	"guanjia/intents/linear"
)

// CrossValidate trains the classifier folds times, each time on all folds but
// one, and judges each case by the model that has not seen its fold. What one
// author wrote of an intent stays together where the intent has at least as
// many authors as there are folds. It fails when training does or ctx ends.
func CrossValidate(ctx context.Context, list []examples.Example, read Reading, o linear.Options, folds int, say Options) (Result, error) {
	if folds < 2 || folds > len(list) {
		return Result{}, fmt.Errorf("cross-validate: %d folds of %d examples", folds, len(list))
	}
	list = examples.Intents(list)
	all := Learnable(list, read)
	fold := linear.Folds(all, folds)
	models := make([]*linear.Model, folds)
	for f := range folds {
		var learn []linear.Example
		for i, e := range all {
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
	judges := make([]Judge, folds)
	for f, m := range models {
		judges[f] = Classifier(m, read)
	}
	say.Reject = o.Reject
	judge := func(i int, text string) Guess { return judges[fold[i]](text) }
	return score(Cases(list), judge, say), nil
}
