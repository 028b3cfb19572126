package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"guanjia/bot/sheet"
	"guanjia/knowledge"
	"guanjia/knowledge/policies"
	"guanjia/knowledge/themes"
	"guanjia/knowledge/ways"
)

// knowledgeCommand is `guanjia knowledge`.
type knowledgeCommand struct {
	Import importCommand `cmd:"" help:"Load guides from a file."`
	Lint   lintCommand   `cmd:"" help:"Say what is wrong with the guides."`
	Ask    askCommand    `cmd:"" help:"Ask one question."`
	Eval   evalCommand   `cmd:"" help:"Score retrieval and answers on a file of questions."`
}

type importCommand struct {
	File   string   `arg:"" help:"JSONL, YAML, CSV or Excel; - is standard input."`
	Format string   `help:"jsonl, yaml, csv or excel; told by the content when empty." placeholder:"FORMAT"`
	Map    []string `help:"What a column of a table is, where its heading does not say: 事项全称=名称, 备注=- to leave it out; may be given again. Others are taken as their headings say." placeholder:"HEADING=PART" sep:"none"`
	JSON   bool     `help:"The report as a JSON object."`
}

func (c *importCommand) run(ctx context.Context, p *program) error {
	switch knowledge.Format(c.Format) {
	case knowledge.FormatAuto, knowledge.FormatJSONL, knowledge.FormatYAML, knowledge.FormatCSV, formatExcel:
	default:
		return usagef("format %q is not jsonl, yaml, csv or excel", c.Format)
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
		var guides []knowledge.Guide
		var report knowledge.Report
		if len(c.Map) > 0 {
			guides, report, err = readMapped(ctx, in, c.Map, bar.at)
		} else {
			guides, report, err = readGuides(ctx, in, knowledge.Format(c.Format), bar.at)
		}
		bar.done(report.Rows)
		if err != nil {
			return usageError{err}
		}
		if report, err = h.guides.Take(ctx, guides, report, "import", "", h.clock()); err != nil {
			return err
		}
		if c.JSON {
			err = printJSON(p.con.out, report)
		} else {
			err = printImport(p.con.out, report)
		}
		if err == nil && report.Taken == 0 {
			err = usagef("no guide was taken: mend the rows that are told and import the file once more")
		}
		return err
	})
}

// formatExcel is a table that bot/sheet reads.
const formatExcel knowledge.Format = "excel"

// readGuides reads guides in any form: what an office's spreadsheet saved goes
// through bot/sheet, the rest straight to the importer.
func readGuides(ctx context.Context, in io.Reader, format knowledge.Format, progress knowledge.Progress) ([]knowledge.Guide, knowledge.Report, error) {
	head, err := sheet.Plain(in)
	if err != nil {
		return nil, knowledge.Report{}, err
	}
	first, err := head.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, knowledge.Report{}, fmt.Errorf("read: %w", err)
	}
	isTable := format == knowledge.FormatAuto || format == knowledge.FormatCSV
	if format != formatExcel && !(isTable && sheet.Office(first)) {
		return knowledge.Import(ctx, head, format, progress)
	}
	lines, err := sheet.Lines(head)
	if err != nil {
		return nil, knowledge.Report{}, err
	}
	return knowledge.ImportTable(ctx, tableRecords(lines), progress)
}

// tableRecords are a table's lines in the importer's words.
func tableRecords(lines []sheet.Line) []knowledge.Record {
	out := make([]knowledge.Record, len(lines))
	for i, l := range lines {
		out[i] = knowledge.Record{Number: l.Number, Cells: l.Cells}
	}
	return out
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

// printImport tells what was wrong in each row, and what came of all of them.
func printImport(w io.Writer, r knowledge.Report) error {
	var b strings.Builder
	for _, f := range r.Faults {
		b.WriteString(faultLine(f))
	}
	for _, c := range r.Summary() {
		fmt.Fprintf(&b, "%6d 处 %s\n", c.N, c.Rule.Title())
	}
	fmt.Fprintf(&b, "共 %d 条：收下 %d（新增 %d，更新 %d，没有变化 %d），未收 %d；有问题 %d 处\n",
		r.Rows, r.Taken, r.Added, r.Changed, r.Unchanged, r.Rejected, len(r.Faults))
	_, err := io.WriteString(w, b.String())
	return err
}

// faultLine is what was wrong with one value, or why the row was left out.
func faultLine(f knowledge.RowFault) string {
	what := ""
	if f.Rejected {
		what = "整行未收，"
	}
	where := fmt.Sprintf("第 %d 行", f.Row)
	if f.ID != "" {
		where += " " + f.ID
	}
	if f.Field == "row" {
		return fmt.Sprintf("%s：%s%s\n", where, what, f.Reason)
	}
	if f.Value == "" {
		return fmt.Sprintf("%s：%s%s %s\n", where, what, f.Field, f.Reason)
	}
	return fmt.Sprintf("%s：%s%s “%s”%s\n", where, what, f.Field, shorten(oneLineText(f.Value), 40), f.Reason)
}

// oneLineText is a text without line ends and control characters.
func oneLineText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
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
	All    bool   `help:"Also notes: fields that are not there, guides that nobody has checked."`
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
	if c.File == "" {
		themes, err := themes.Starter()
		if err != nil {
			return err
		}
		found = append(found, lintThemes(themes)...)
		if found, err = lintMatters(found, p.settings.DataDir); err != nil {
			return err
		}
	}
	shown := found
	if !c.All {
		shown = slices.DeleteFunc(slices.Clone(found), func(f knowledge.Finding) bool { return f.Level == knowledge.LevelNote })
	}
	for _, f := range shown {
		if c.JSON {
			err = printJSON(p.con.out, f)
		} else {
			_, err = fmt.Fprintf(p.con.out, "%s %s（%s）%s：%s\n", f.Level.Title(), f.ID, f.Title, f.Field, oneLineText(f.Message))
		}
		if err != nil {
			return err
		}
	}
	c.sum(p.con.err, len(guides), found, len(shown))
	if n := countErrors(found); c.Strict && n > 0 {
		return fmt.Errorf("指南里有 %d 处错误", n)
	}
	return nil
}

// lintThemes tells what is wrong with the trees of 一件事, and the gaps they
// own up to.
func lintThemes(c *themes.Catalogue) []knowledge.Finding {
	var found []knowledge.Finding
	for _, fault := range c.Lint() {
		found = append(found, knowledge.Finding{ID: "themes", Title: "一件事", Field: "tree", Level: knowledge.LevelError, Rule: knowledge.RuleTree, Message: fault})
	}
	for _, t := range c.All() {
		p := t.Plan(nil)
		for _, gap := range append(slices.Clone(t.Gaps), p.Unverified()...) {
			found = append(found, knowledge.Finding{File: t.File, ID: t.ID, Title: t.Title, Field: "gaps", Level: knowledge.LevelNote, Rule: knowledge.RuleDoubt, Message: "还不知道：" + gap})
		}
	}
	return found
}

// lintMatters adds the gaps that policies and ways own up to.
func lintMatters(found []knowledge.Finding, dir string) ([]knowledge.Finding, error) {
	shelf, err := policies.OpenShelf(dir)
	if err != nil {
		return found, err
	}
	gap := func(id, title, text string) {
		found = append(found, knowledge.Finding{ID: id, Title: title, Field: "gaps", Level: knowledge.LevelNote, Rule: knowledge.RuleDoubt, Message: "还不知道：" + text})
	}
	for _, g := range shelf.Catalogue().Gaps() {
		gap(g[0], shelf.Catalogue().Policy(g[0]).Title, g[1])
	}
	c, err := ways.Starter()
	if err != nil {
		return found, err
	}
	for _, w := range c.All() {
		for _, g := range w.Gaps {
			gap(w.ID, w.Title, g)
		}
	}
	return found, nil
}

func countErrors(found []knowledge.Finding) int {
	n := 0
	for _, f := range found {
		if f.Level == knowledge.LevelError {
			n++
		}
	}
	return n
}

// sum says how much was found of what.
func (c *lintCommand) sum(w io.Writer, guides int, found []knowledge.Finding, shown int) {
	fmt.Fprintf(w, "查了 %d 条指南，错误 %d 处，连警告和提示共 %d 处\n", guides, countErrors(found), len(found))
	for _, r := range knowledge.Summary(found) {
		fmt.Fprintf(w, "%6d 处 %s\n", r.N, r.Rule.Title())
	}
	if shown < len(found) {
		fmt.Fprintf(w, "其中 %d 处只是提示，没有列出，要看加 --all\n", len(found)-shown)
	}
}

// guides are those of the file, or those in the data directory.
func (c *lintCommand) guides(ctx context.Context, p *program) ([]knowledge.Guide, error) {
	if c.File == "" {
		base, err := p.guidesNow(ctx)
		if err != nil {
			return nil, err
		}
		return base.Guides(), nil
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
	guides, report, err := readGuides(ctx, in, knowledge.FormatAuto, nil)
	if err != nil {
		return nil, usageError{err}
	}
	for _, f := range report.Faults {
		if f.Rejected {
			fmt.Fprint(p.con.err, faultLine(f))
		}
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
		return p.guidesNow(ctx)
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
	Now       string `help:"The clock: guides that are not in force then do not answer." placeholder:"RFC3339"`

	Intervals bool    `help:"Also 95 % confidence intervals and the share answered wrongly."`
	Baseline  string  `help:"What eval printed before: exit with 1 where a rate is worse." placeholder:"FILE"`
	Tolerance float64 `help:"By how much a rate may be worse than the baseline's." default:"0.005"`
}

func (c *evalCommand) run(ctx context.Context, p *program) error {
	now, err := instant(c.Now)
	if err != nil {
		return err
	}
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
	score, err := knowledge.Evaluate(ctx, base, in, ranks, clockAt(now))
	if err != nil {
		return usageError{err}
	}
	shown := score
	if !c.Intervals { // exactly what others' programs read
		shown.CI95, shown.AnsweredWrong = nil, 0
	}
	if err := printJSON(p.con.out, shown); err != nil || c.Baseline == "" {
		return err
	}
	return c.compare(p, score)
}

// compare holds a score against the baseline's.
func (c *evalCommand) compare(p *program, score knowledge.Evaluation) error {
	raw, err := os.ReadFile(p.path(c.Baseline))
	if err != nil {
		return usagef("baseline: %v", err)
	}
	var before knowledge.Evaluation
	if err := json.Unmarshal(raw, &before); err != nil {
		return usagef("baseline %s: %v", filepath.Base(c.Baseline), err)
	}
	worse := score.Regressions(before, c.Tolerance)
	if len(worse) == 0 {
		return nil
	}
	return fmt.Errorf("worse than the baseline: %s", strings.Join(worse, "; "))
}
