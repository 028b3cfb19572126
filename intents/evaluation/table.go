package evaluation

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// WriteJSON writes the result as one indented JSON object.
func (r Result) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write evaluation: %w", err)
	}
	return nil
}

// shownConfusions is how many lines of confusions and leaks a table has.
const shownConfusions = 15

// WriteTable writes the result for people.
func (r Result) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }
	line("%s\t%d cases", r.Name, r.Cases)
	low, high := interval(r.Accuracy, r.Cases)
	line("accuracy\t%s\t95 in 100 times within\t%s to %s", percent(r.Accuracy), percent(low), percent(high))
	line("macro F1\t%s", percent(r.MacroF1))
	line("calibration error\t%s", percent(r.CalibrationError))
	d, o := r.Decisions, r.OutOfScope
	line("accepted\t%s\twrong among accepted\t%s", percent(d.Accepted), percent(d.WrongAccept))
	line("clarified\t%s\tthe truth is offered\t%s", percent(d.Clarified), percent(d.Helped))
	line("abstained\t%s", percent(d.Abstained))
	if o.Cases > 0 {
		line("out of scope\t%d cases\tabstained\t%s\tasked\t%s\taccepted\t%s\tan errand begun\t%s", o.Cases, percent(o.Recall), percent(o.Asked), percent(o.WrongStart), percent(o.FlowStart))
	}
	line("latency\tp50 %.0f µs\tp99 %.0f µs", r.Latency.P50, r.Latency.P99)
	r.tables(line)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write evaluation: %w", err)
	}
	return nil
}

func (r Result) tables(line func(string, ...any)) {
	line("\nintent\tcases\tprecision\trecall\tF1")
	for _, s := range r.Intents {
		line("%s\t%d\t%s\t%s\t%s", s.Intent, s.Support, percent(s.Precision), percent(s.Recall), percent(s.F1))
	}
	line("\nanswered\taccuracy\tfrom")
	for _, p := range r.Curve {
		line("%s\t%s\t%.2f", percent(p.Coverage), percent(p.Accuracy), p.Sureness)
	}
	slicesTable(line, "language", r.Languages)
	slicesTable(line, "hand", r.Authors)
	if len(r.Noise) > 0 {
		line("\nmisheard\tswapped\taccuracy\twrong among accepted")
	}
	for _, n := range r.Noise {
		line("%s\t%s\t%s\t%s", percent(n.Share), percent(n.Swapped), percent(n.Accuracy), percent(n.WrongAccept))
	}
	if len(r.Confusions) > 0 {
		line("\ntruth\ttaken for\tcases\tsuch as")
	}
	for _, c := range r.Confusions[:min(shownConfusions, len(r.Confusions))] {
		line("%s\t%s\t%d\t%s", c.Truth, c.Taken, c.Count, shown(c.Cases[0]))
	}
	if len(r.Leaks) > 0 {
		line("\nnear copy of a learnt example\tlearnt")
	}
	for _, l := range r.Leaks[:min(shownConfusions, len(r.Leaks))] {
		line("%s\t%s", shown(l.Case), l.Learnt)
	}
	for _, warning := range r.Warnings {
		line("warning: %s", warning)
	}
}

// shown is a case's words, or where it stands where they are kept back.
func shown(c Case) string { return cmp.Or(c.Text, c.Place) }

func slicesTable(line func(string, ...any), title string, list []Slice) {
	if len(list) > 0 {
		line("\n%s\tcases\taccuracy", title)
	}
	for _, s := range list {
		line("%s\t%d\t%s", s.Name, s.Cases, percent(s.Accuracy))
	}
}

// interval is where a share that was found in n cases lies 95 times in 100
// (Wilson, 1927).
func interval(share float64, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.96
	count := float64(n)
	middle := (share + z*z/(2*count)) / (1 + z*z/count)
	half := z / (1 + z*z/count) * math.Sqrt(share*(1-share)/count+z*z/(4*count*count))
	return middle - half, middle + half
}

func percent(v float64) string { return fmt.Sprintf("%.1f%%", 100*v) }
