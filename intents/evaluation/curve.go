package evaluation

import (
	"cmp"
	"slices"
)

// curve is the accuracy over the surest shares of the cases that are someone's
// intent.
func curve(cases []Case, guesses []Guess, reject string) []Point {
	var order []int
	for i, c := range cases {
		if c.Intent != reject {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(guesses[b].Sureness, guesses[a].Sureness) })
	right := make([]int, len(order)+1) // among the first n
	for n, i := range order {
		right[n+1] = right[n]
		if guesses[i].Intent == cases[i].Intent {
			right[n+1]++
		}
	}
	var out []Point
	for _, percent := range []int{50, 60, 70, 80, 90, 95, 100} {
		n := len(order) * percent / 100
		if n > 0 {
			out = append(out, Point{Coverage: float64(percent) / 100, Accuracy: share(right[n], n), Sureness: guesses[order[n-1]].Sureness})
		}
	}
	return out
}

// shownCases is how many cases of a confusion are named.
const shownCases = 5

// confusions lists which intents are taken for which, the most frequent first.
func confusions(cases []Case, guesses []Guess) []Confusion {
	type pair struct{ truth, taken string }
	found := make(map[pair]*Confusion)
	for i, c := range cases {
		taken := guesses[i].Intent
		if taken == c.Intent {
			continue
		}
		key := pair{c.Intent, taken}
		if found[key] == nil {
			found[key] = &Confusion{Truth: c.Intent, Taken: taken}
		}
		found[key].Count++
		if len(found[key].Cases) < shownCases {
			found[key].Cases = append(found[key].Cases, c)
		}
	}
	out := make([]Confusion, 0, len(found))
	for _, c := range found {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Confusion) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Truth, b.Truth), cmp.Compare(a.Taken, b.Taken))
	})
	return out
}

// slicesBy parts the cases by what of names and scores each part; the empty name
// is none.
func slicesBy(cases []Case, guesses []Guess, of func(Case) string) []Slice {
	all, right := make(map[string]int), make(map[string]int)
	for i, c := range cases {
		name := of(c)
		if name == "" {
			continue
		}
		all[name]++
		if guesses[i].Intent == c.Intent {
			right[name]++
		}
	}
	var out []Slice
	for name, n := range all {
		out = append(out, Slice{Name: name, Cases: n, Accuracy: share(right[name], n)})
	}
	slices.SortFunc(out, func(a, b Slice) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
