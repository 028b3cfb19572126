package linear

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	clincFile    = flag.String("clinc", "", "data_full.json of CLINC150, to measure the engine on")
	bankingFiles = flag.String("banking", "", "train.csv,test.csv of BANKING77")
)

// TestMeasure prints the table of the package's doc. Without flags only the
// made-up corpus is measured, each author's pattern held back in turn.
func TestMeasure(t *testing.T) {
	measureCorpus(t)
	for _, c := range published() {
		if *clincFile != "" {
			measureCLINC(t, c)
		}
		if *bankingFiles != "" {
			measureBanking(t, c)
		}
	}
}

// published are the options measured on public sets, with what must be reached.
func published() []measured {
	whole := measured{name: "English()", options: English(), in: 90.7, out: 58.9, banking: 90.6}
	whole.options.Folds = 0 // thresholds are chosen on the sets' own validation part
	letters, seen := whole, whole
	letters.name, letters.options.Words = "letters alone", Grams{}
	seen.name, seen.options.Unseen = "unseen not counted", 0
	letters.out, seen.out = 50, 50
	return []measured{whole, letters, seen}
}

type measured struct {
	name             string
	options          Options
	in, out, banking float64
}

func measureCorpus(t *testing.T) {
	examples, right, all := corpus(), 0, 0
	fold := Folds(examples, 7)
	for f := range 7 {
		var learn []Example
		for i, e := range examples {
			if fold[i] != f {
				learn = append(learn, e)
			}
		}
		m, err := Train(context.Background(), learn, Chinese())
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range examples {
			if fold[i] == f {
				all++
				if m.Rank(e.Text)[0].Label == e.Label {
					right++
				}
			}
		}
	}
	t.Logf("made-up corpus: accuracy %.1f on %d", percent(right, all), all)
	if percent(right, all) < 80 {
		t.Errorf("accuracy %.1f on the made-up corpus, want 80", percent(right, all))
	}
}

func measureCLINC(t *testing.T, o measured) {
	raw, err := os.ReadFile(*clincFile)
	if err != nil {
		t.Fatal(err)
	}
	var sets map[string][][2]string
	if err := json.Unmarshal(raw, &sets); err != nil {
		t.Fatal(err)
	}
	m, took := trainOn(t, sets["train"], o.options)
	threshold := larson(m, append(slices.Clone(sets["val"]), sets["oos_val"]...))
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
	t.Logf("CLINC150, %s: accuracy %.1f, by threshold %.2f in %.1f out of scope %.1f; trained in %v, %v a query",
		o.name, percent(best, len(sets["test"])), threshold, percent(in, len(sets["test"])), percent(rejected, len(sets["oos_test"])), took, query)
	if percent(in, len(sets["test"])) < o.in || percent(rejected, len(sets["oos_test"])) < o.out {
		t.Errorf("%s: below %.1f and %.1f", o.name, o.in, o.out)
	}
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

func measureBanking(t *testing.T, o measured) {
	trainFile, testFile, _ := strings.Cut(*bankingFiles, ",")
	train, test := readCSV(t, trainFile), readCSV(t, testFile)
	m, took := trainOn(t, train, o.options)
	right := 0
	for _, c := range test {
		if m.Rank(c[0])[0].Label == c[1] {
			right++
		}
	}
	t.Logf("BANKING77, %s: accuracy %.1f, trained in %v", o.name, percent(right, len(test)), took)
	if percent(right, len(test)) < o.banking {
		t.Errorf("%s: below %.1f", o.name, o.banking)
	}
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
