package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guanjia/knowledge"
)

// knowledgeCommand is `guanjia knowledge`.
type knowledgeCommand struct {
	Import importCommand `cmd:"" help:"Load guides from a file."`
	Lint   lintCommand   `cmd:"" help:"Say what is wrong with the guides."`
	Ask    askCommand    `cmd:"" help:"Ask one question."`
	Eval   evalCommand   `cmd:"" help:"Score retrieval and answers on a file of questions."`
}

type importCommand struct {
	File   string `arg:"" help:"JSONL, YAML or CSV; - is standard input."`
	Format string `help:"jsonl, yaml or csv; told by the content when empty." placeholder:"FORMAT"`
	JSON   bool   `help:"The report as a JSON object."`
}

func (c *importCommand) run(ctx context.Context, p *program) error {
	format := knowledge.Format(c.Format)
	switch format {
	case knowledge.FormatAuto, knowledge.FormatJSONL, knowledge.FormatYAML, knowledge.FormatCSV:
	default:
		return usagef("format %q is not jsonl, yaml or csv", c.Format)
	}
	if c.File != "-" { // say so here, before anything is opened
		if _, err := os.Stat(p.path(c.File)); err != nil {
			return usagef("import: %v", err)
		}
	}
	return p.withHouse(ctx, opening{}, func(h *house) error {
		in, size, err := p.input(c.File)
		if err != nil {
			return err
		}
		defer in.Close()
		bar := newBar(p.con.err, "导入", size)
		report, err := h.guides.Import(ctx, in, format, h.clock(), func(rows int, bytes int64) { bar.at(rows, bytes) })
		bar.done()
		if err != nil {
			return usageError{err}
		}
		if c.JSON {
			return printJSON(p.con.out, report)
		}
		return printImport(p.con.out, report)
	})
}

// input opens a file the caller named, or the caller's standard input.
func (p *program) input(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(p.con.in), 0, nil
	}
	f, err := os.Open(p.path(name))
	if err != nil {
		return nil, 0, usagef("open: %v", err)
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return nil, 0, errors.Join(usagef("%s is not a file", name), f.Close())
	}
	return f, info.Size(), nil
}

// printImport tells what became of every row that was not in order.
func printImport(w io.Writer, r knowledge.Report) error {
	var b strings.Builder
	for _, f := range r.Faults {
		what := "修正"
		if f.Rejected {
			what = "未收"
		}
		fmt.Fprintf(&b, "第 %d 行 %s %s：%s", f.Row, f.ID, what, f.Reason)
		if f.Field != "" {
			fmt.Fprintf(&b, "（%s：%q）", f.Field, shorten(f.Value, 40))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "共 %d 行，收下 %d（新增 %d，更新 %d，未变 %d），未收 %d，发现问题 %d 处\n",
		r.Rows, r.Taken, r.Added, r.Changed, r.Unchanged, r.Rejected, len(r.Faults))
	_, err := io.WriteString(w, b.String())
	return err
}

// shorten cuts a text for display.
func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

type lintCommand struct {
	File   string `arg:"" optional:"" help:"Check this file instead of the guides in the data directory."`
	JSON   bool   `help:"A JSON object a line."`
	Strict bool   `help:"Exit with 1 when there are errors."`
	Now    string `help:"The clock." placeholder:"RFC3339"`
}

func (c *lintCommand) run(ctx context.Context, p *program) error {
	now, err := instant(c.Now)
	if err != nil {
		return err
	}
	guides, err := c.guides(ctx, p)
	if err != nil {
		return err
	}
	found := knowledge.Lint(guides, clockAt(now))
	errorsFound := 0
	for _, f := range found {
		if f.Level == knowledge.LevelError {
			errorsFound++
		}
		if c.JSON {
			err = printJSON(p.con.out, f)
		} else {
			_, err = fmt.Fprintf(p.con.out, "%s %s %s %s：%s\n", f.Level, f.ID, f.Rule, f.Field, f.Message)
		}
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(p.con.err, "%d guides, %d findings\n", len(guides), len(found))
	for _, r := range knowledge.Summary(found) {
		fmt.Fprintf(p.con.err, "%6d %s\n", r.N, r.Rule)
	}
	if c.Strict && errorsFound > 0 {
		return fmt.Errorf("%d errors in the guides", errorsFound)
	}
	return nil
}

// guides are those of the file, or those in the data directory.
func (c *lintCommand) guides(ctx context.Context, p *program) ([]knowledge.Guide, error) {
	if c.File == "" {
		s, err := knowledge.Open(p.settings.DataDir)
		if err != nil {
			return nil, err
		}
		return s.Base().Guides(), nil
	}
	return p.guidesOf(ctx, c.File)
}

// guidesOf reads a file of guides.
func (p *program) guidesOf(ctx context.Context, name string) ([]knowledge.Guide, error) {
	in, _, err := p.input(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	guides, _, err := knowledge.Import(ctx, in, knowledge.FormatAuto, nil)
	if err != nil {
		return nil, usageError{err}
	}
	return guides, nil
}

type askCommand struct {
	Question string   `arg:"" help:"The question."`
	History  []string `help:"An earlier turn of the citizen, oldest first; may be given several times." sep:"none" placeholder:"TEXT"`
	JSON     bool     `help:"A JSON object."`
	Corpus   string   `help:"Ask these guides instead." placeholder:"FILE"`
	Now      string   `help:"The clock." placeholder:"RFC3339"`
}

func (c *askCommand) run(ctx context.Context, p *program) error {
	now, err := instant(c.Now)
	if err != nil {
		return err
	}
	base, err := p.base(ctx, c.Corpus)
	if err != nil {
		return err
	}
	a := base.Ask(ctx, knowledge.Question{Text: c.Question, History: c.History, Now: clockAt(now)})
	if c.JSON {
		return printJSON(p.con.out, a)
	}
	fmt.Fprintln(p.con.out, a.Text)
	if a.Source != "" {
		fmt.Fprintln(p.con.out, a.Source)
	}
	for i, o := range a.Options {
		fmt.Fprintf(p.con.out, "  %d. %s\n", i+1, o.Text)
	}
	return nil
}

// base is the guides of a corpus, or those in the data directory.
func (p *program) base(ctx context.Context, corpus string) (*knowledge.Base, error) {
	if corpus == "" {
		s, err := knowledge.Open(p.settings.DataDir)
		if err != nil {
			return nil, err
		}
		return s.Base(), nil
	}
	guides, err := p.guidesOf(ctx, corpus)
	if err != nil {
		return nil, err
	}
	return knowledge.New(guides), nil
}

type evalCommand struct {
	Corpus    string `help:"Guides to ask instead of those in the data directory (JSONL)." placeholder:"FILE"`
	Questions string `required:"" help:"Questions (JSONL)." placeholder:"FILE"`
	Ranks     string `help:"Where a JSON line for each question is written." placeholder:"FILE"`
}

func (c *evalCommand) run(ctx context.Context, p *program) error {
	base, err := p.base(ctx, c.Corpus)
	if err != nil {
		return err
	}
	in, _, err := p.input(c.Questions)
	if err != nil {
		return err
	}
	defer in.Close()
	var ranks io.Writer
	if c.Ranks != "" {
		f, err := os.Create(p.path(c.Ranks))
		if err != nil {
			return usagef("create %s: %v", filepath.Base(c.Ranks), err)
		}
		defer f.Close()
		ranks = f
	}
	score, err := knowledge.Evaluate(ctx, base, in, ranks, time.Time{})
	if err != nil {
		return usageError{err}
	}
	return printJSON(p.con.out, score)
}
