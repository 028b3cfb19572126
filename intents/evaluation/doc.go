// Package evaluation says how well utterances are understood: it puts labelled
// utterances before whatever understands them, counts, and reports the result
// as JSON or as a table.
//
// It scores any Judge, so that the classifier alone and the whole intent layer
// are measured by the same yardstick. CrossValidate trains the classifier on
// all folds but one and judges that one, keeping what one author wrote
// together. Beside accuracy it reports what matters to a citizen: how often a
// flow starts that nobody asked for, how often a question back would help, what
// recognition errors do.
//
// It refuses to change anything: it neither tunes a model nor writes examples.
package evaluation
