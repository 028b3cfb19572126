package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"guanjia/bot"
	"guanjia/intents"
	"guanjia/intents/evaluation"
	"guanjia/intents/examples"
)

// intentsCommand is `guanjia intents`.
type intentsCommand struct {
	Eval    intentsEvalCommand    `cmd:"" help:"Score the intent layer on labelled utterances."`
	Explain intentsExplainCommand `cmd:"" help:"Say why an utterance went where it went."`
	Learn   intentsLearnCommand   `cmd:"" help:"Show what people corrected, and take up what was accepted."`
}

type intentsEvalCommand struct {
	File  string `arg:"" optional:"" help:"JSON lines of {\"text\",\"intent\"}; without it, the held-back examples."`
	Cross int    `help:"Cross-validate the classifier on our own examples with so many folds instead." placeholder:"N"`
	JSON  bool   `help:"The result as a JSON object."`
	Wrong bool   `help:"Show the words: of the held-back examples, whose lines otherwise nobody sees, too. Lists every utterance taken for another intent."`

	Chart        string `help:"Draw the result as an SVG picture into a file." placeholder:"FILE"`
	Gate         bool   `help:"Exit with status 1 where a figure fell below the baseline."`
	Baseline     string `help:"The baseline; without it, the one of the held-back examples the program was built with." placeholder:"FILE"`
	SaveBaseline string `help:"Write the result as a baseline." placeholder:"FILE"`
}

func (c *intentsEvalCommand) run(ctx context.Context, p *program) error {
	mind, err := p.openMind(ctx)
	if err != nil {
		return err
	}
	r, err := c.score(ctx, p, mind)
	if err != nil {
		return err
	}
	if c.File == "" && c.Cross == 0 && !c.Wrong {
		r = r.Wordless() // whoever reads held-back lines can no longer measure by them
	}
	if c.Wrong {
		for _, pair := range r.Confusions {
			for _, one := range pair.Cases {
				fmt.Fprintf(p.con.out, "%s → %s\t%s\t%s\n", pair.Truth, pair.Taken, one.Text, one.Place)
			}
		}
	}
	if err := c.write(p, r); err != nil {
		return err
	}
	if c.Gate {
		return c.gate(r)
	}
	return nil
}

// write shows the result and keeps what was asked for.
func (c *intentsEvalCommand) write(p *program, r evaluation.Result) error {
	if c.Chart != "" {
		if err := writeFile(c.Chart, r.WriteChart); err != nil {
			return err
		}
	}
	if c.SaveBaseline != "" {
		if err := writeFile(c.SaveBaseline, r.Baseline().Write); err != nil {
			return err
		}
	}
	if c.JSON {
		return r.WriteJSON(p.con.out)
	}
	return r.WriteTable(p.con.out)
}

// writeFile writes a file that the command line names.
func writeFile(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return usagef("write %s: %v", name, err)
	}
	return nil
}

// gate fails where a figure fell below the baseline.
func (c *intentsEvalCommand) gate(r evaluation.Result) error {
	var in io.Reader = bytes.NewReader(examples.Baseline())
	if c.Baseline != "" {
		f, err := os.Open(c.Baseline)
		if err != nil {
			return usagef("open the baseline: %v", err)
		}
		defer f.Close()
		in = f
	}
	b, err := evaluation.ReadBaseline(in)
	if err != nil {
		return usagef("%s: %v", c.Baseline, err)
	}
	if b.Name != r.Name || b.Cases != r.Cases {
		return fmt.Errorf("the baseline is of %d cases of %s, the result of %d of %s", b.Cases, b.Name, r.Cases, r.Name)
	}
	if fell := r.Regressions(b); len(fell) > 0 {
		return fmt.Errorf("worse than the baseline: %s", strings.Join(fell, "; "))
	}
	return nil
}

func (c *intentsEvalCommand) score(ctx context.Context, p *program, mind *intents.Recognizer) (evaluation.Result, error) {
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		return evaluation.Result{}, err
	}
	learnt, held := examples.Split(list)
	reject := string(bot.OutOfScope)
	if c.Cross > 0 {
		return evaluation.CrossValidate(ctx, list, mind.Reading, intents.Learning(), c.Cross, evaluation.Options{Name: "cross", Flows: intents.Learning().Strict, Noise: []float64{0.1, 0.2, 0.3}})
	}
	cases, name := evaluation.Cases(held), "held"
	if c.File != "" {
		if cases, err = p.cases(c.File); err != nil {
			return evaluation.Result{}, err
		}
		name = c.File
	}
	var texts []string
	for _, e := range learnt {
		texts = append(texts, e.Text)
	}
	return evaluation.Score(cases, judge(mind), evaluation.Options{Name: name, Reject: reject, Flows: intents.Learning().Strict, Learnt: texts, Noise: []float64{0.1, 0.2, 0.3}}), nil
}

// judge puts the whole intent layer before the yardstick.
func judge(mind bot.Understander) evaluation.Judge {
	now := time.Now()
	return func(text string) evaluation.Guess {
		u := mind.Understand(bot.Utterance{Text: text, Now: now})
		g := evaluation.Guess{Intent: string(u.Intent), Decision: string(u.Decision), Sureness: u.Score, Score: u.Score}
		for _, a := range u.Alternatives {
			g.Next = append(g.Next, string(a.Intent))
		}
		return g
	}
}

// cases reads labelled utterances.
func (p *program) cases(name string) ([]evaluation.Case, error) {
	in, _, err := p.input(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var cases []evaluation.Case
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), longestLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		c := evaluation.Case{Place: fmt.Sprintf("%s:%d", name, n)}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil || c.Intent == "" {
			return nil, usagef("%s:%d: not {\"text\",\"intent\"}", name, n)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		return nil, usagef("read %s: %v", name, err)
	}
	return cases, nil
}

type intentsExplainCommand struct {
	Text string `arg:"" help:"What the citizen said."`
	Now  string `help:"The clock." placeholder:"RFC3339"`
	JSON bool   `help:"The explanation as a JSON object."`
}

func (c *intentsExplainCommand) run(ctx context.Context, p *program) error {
	now, err := instant(c.Now)
	if err != nil {
		return err
	}
	mind, err := p.openMind(ctx)
	if err != nil {
		return err
	}
	e := mind.Explain(bot.Utterance{Text: c.Text, Now: clockAt(now)})
	if c.JSON {
		return printJSON(p.con.out, e)
	}
	return writeExplanation(p.con.out, e)
}

// writeExplanation writes an explanation for people.
func writeExplanation(out io.Writer, e intents.Explanation) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }
	line("intent\t%s\t%s\t%.2f", e.Intent, e.Decision, e.Score)
	line("by\t%s\t%s", e.By, e.Sign)
	line("danger\t%+.2f\tbelieved from %+.2f", e.Danger, e.DangerFrom)
	for _, x := range e.Entities {
		line("entity\t%s\t%s\t%s", x.Type, x.Text, x.Value)
	}
	if len(e.Margins) > 0 {
		line("features\t%s", strings.Join(e.Features, " "))
		for _, m := range e.Margins {
			line("margin\t%s\t%+.2f", m.Intent, m.Margin)
		}
		h := e.Thresholds
		line("accept from\t%+.2f\tof which the lead is %.0f %%", h.Accept, 100*h.Lead)
		line("begin an errand from\t%+.2f\tof which the lead is %.0f %%", h.StrictAccept, 100*h.StrictLead)
		line("ask back from\t%+.2f", h.Abstain)
	}
	for _, x := range e.Evidence {
		line("%s\t%s\t%s\t%.2f", x.Kind, x.Label, x.Text, x.Score)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write explanation: %w", err)
	}
	return nil
}
