package linear

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"
	"time"
)

var (
	clincFile    = flag.String("clinc", "", "data_full.json of CLINC150, to measure the engine on")
	bankingTrain = flag.String("bankingtrain", "", "train.csv of BANKING77")
	bankingTest  = flag.String("bankingtest", "", "test.csv of BANKING77")
)

func expOptions() Options {
	o := English()
	o.Folds = 0
	return o
}

func TestMeasure(t *testing.T) {
	if *clincFile != "" {
		measureCLINC(t)
	}
	if *bankingTrain != "" {
		measureBanking(t)
	}
}

func measureCLINC(t *testing.T) {
	raw, err := os.ReadFile(*clincFile)
	if err != nil {
		t.Fatal(err)
	}
	var sets map[string][][2]string
	if err := json.Unmarshal(raw, &sets); err != nil {
		t.Fatal(err)
	}
	m, took := trainOn(t, sets["train"], expOptions())
	threshold := larson(m, append(slices.Clone(sets["val"]), sets["oos_val"]...))
	auroc := func(in, out [][2]string) float64 {
		var a, b []float64
		for _, r := range in {
			a = append(a, m.Rank(r[0])[0].Margin)
		}
		for _, r := range out {
			b = append(b, m.Rank(r[0])[0].Margin)
		}
		slices.Sort(a)
		sum := 0.0
		for _, v := range b {
			n, _ := slices.BinarySearch(a, v)
			sum += float64(len(a) - n)
		}
		return 100 * sum / float64(len(a)*len(b))
	}
	vr := 0
	for _, c := range sets["val"] {
		if m.Rank(c[0])[0].Label == c[1] {
			vr++
		}
	}
	t.Logf("val acc %.1f auroc %.2f; test auroc %.2f", percent(vr, 3000), auroc(sets["val"], append(slices.Clone(sets["oos_val"]), sets["oos_train"]...)), auroc(sets["test"], sets["oos_test"]))
	var in, rejected, best int
	start := time.Now()
	for _, c := range sets["test"] {
		top := m.Rank(c[0])[0]
		if top.Label == c[1] {
			best++
			if top.Margin >= threshold {
				in++
			}
		}
	}
	query := time.Since(start) / time.Duration(len(sets["test"]))
	for _, c := range sets["oos_test"] {
		if m.Rank(c[0])[0].Margin < threshold {
			rejected++
		}
	}
	t.Logf("CLINC150: accuracy %.1f, by threshold %.2f in %.1f out of scope %.1f; trained in %v, %v a query",
		percent(best, len(sets["test"])), threshold, percent(in, len(sets["test"])), percent(rejected, len(sets["oos_test"])), took, query)
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }

func trainOn(t *testing.T, rows [][2]string, o Options) (*Model, time.Duration) {
	t.Helper()
	examples := make([]Example, len(rows))
	for i, r := range rows {
		examples[i] = Example{Text: r[0], Label: r[1]}
	}
	start := time.Now()
	m, err := Train(context.Background(), examples, o)
	if err != nil {
		t.Fatal(err)
	}
	return m, time.Since(start)
}

// larson is the margin below which calling everything out of scope gives the
// most right answers on the validation set.
func larson(m *Model, rows [][2]string) float64 {
	type answer struct {
		margin float64
		gain   int // of rejecting it
	}
	answers := make([]answer, len(rows))
	for i, r := range rows {
		top := m.Rank(r[0])[0]
		answers[i].margin = top.Margin
		switch r[1] {
		case "oos":
			answers[i].gain = 1
		case top.Label:
			answers[i].gain = -1
		}
	}
	slices.SortFunc(answers, func(a, b answer) int {
		if a.margin < b.margin {
			return -1
		}
		return 1
	})
	best, sum, at := 0, 0, answers[0].margin
	for i, a := range answers {
		sum += a.gain
		if sum > best && i+1 < len(answers) {
			best, at = sum, answers[i+1].margin
		}
	}
	return at
}

func measureBanking(t *testing.T) {
	train, test := readCSV(t, *bankingTrain), readCSV(t, *bankingTest)
	m, took := trainOn(t, train, expOptions())
	right := 0
	for _, c := range test {
		if m.Rank(c[0])[0].Label == c[1] {
			right++
		}
	}
	t.Logf("BANKING77: accuracy %.1f, trained in %v", percent(right, len(test)), took)
}

func readCSV(t *testing.T, name string) [][2]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][2]string
	for _, r := range records[1:] {
		rows = append(rows, [2]string{r[0], r[1]})
	}
	return rows
}
