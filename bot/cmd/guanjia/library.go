package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/channels/desk"
	"guanjia/knowledge"
)

// library is the guides in the words of the desk.
type library struct {
	guides  *knowledge.Store
	records *store.Store
	clock   bot.Clock
}

var _ desk.Library = library{}

// Shelves implements desk.Library.
func (l library) Shelves(words string) []desk.LibraryRow {
	base, now := l.guides.Base(), l.clock()
	row := func(g knowledge.Guide) desk.LibraryRow {
		state := "在用"
		switch {
		case g.Status == knowledge.Draft:
			state = "草稿"
		case g.Status == knowledge.Withdrawn:
			state = "停用"
		case !g.Current(now):
			state = "不在有效期"
		case len(g.Verify) > 0:
			state = "在用，有待核"
		}
		return desk.LibraryRow{ID: g.ID, Title: g.Title, State: state, Version: g.Version}
	}
	var rows []desk.LibraryRow
	if words == "" {
		for _, g := range base.Guides() {
			if len(rows) < mostRows {
				rows = append(rows, row(g))
			}
		}
		return rows
	}
	look, _ := base.Explain(knowledge.Question{Text: words})
	for _, r := range look.Ranked {
		if g, ok := base.Guide(r.ID); ok && r.Fit > 0.1 {
			rows = append(rows, row(g))
		}
	}
	for _, g := range base.Guides() {
		if len(rows) < mostRows && (g.ID == words || strings.Contains(g.Title, words)) && !inRows(rows, g.ID) {
			rows = append(rows, row(g))
		}
	}
	return rows
}

// mostRows is how many guides a list shows.
const mostRows = 200

func inRows(rows []desk.LibraryRow, id string) bool {
	for _, r := range rows {
		if r.ID == id {
			return true
		}
	}
	return false
}

// Open implements desk.Library.
func (l library) Open(ctx context.Context, id string) (desk.LibraryGuide, bool, error) {
	g, ok := l.guides.Base().Guide(id)
	if !ok {
		return desk.LibraryGuide{}, false, nil
	}
	out := l.shown(g)
	out.Version = l.guides.Version(id)
	history, err := l.guides.History(ctx, id)
	if err != nil {
		return out, true, err
	}
	for i, v := range history {
		row := desk.LibraryVersion{Version: v.Version, By: v.By, Note: v.Note, Restorable: i > 0}
		if !v.At.IsZero() {
			row.At = v.At.Format("2006-01-02 15:04")
		}
		if i+1 < len(history) {
			if row.Changes, err = l.changes(ctx, id, history[i+1].Version, v.Version); err != nil {
				return out, true, err
			}
		}
		out.Versions = append(out.Versions, row)
	}
	return out, true, nil
}

func (l library) changes(ctx context.Context, id string, from, to int) ([]desk.LibraryChange, error) {
	before, err := l.guides.At(ctx, id, from)
	if err != nil {
		return nil, err
	}
	after, err := l.guides.At(ctx, id, to)
	if err != nil {
		return nil, err
	}
	var out []desk.LibraryChange
	for _, d := range knowledge.Diff(&before, &after) {
		out = append(out, desk.LibraryChange{Key: labelOf(d.Key), Before: d.Before, After: d.After})
	}
	return out, nil
}

// shown is a guide with its form, what channels would say and what is wrong.
func (l library) shown(g knowledge.Guide) desk.LibraryGuide {
	out := desk.LibraryGuide{ID: g.ID, Title: g.Title}
	for _, b := range g.Form() {
		blank := desk.LibraryBlank{Key: b.Key, Label: b.Label, Hint: b.Hint, Lines: b.Lines, Value: b.Value}
		for _, c := range b.Choices {
			blank.Choices = append(blank.Choices, desk.LibraryTarget(c))
		}
		out.Blanks = append(out.Blanks, blank)
	}
	told := g
	if told.Status == knowledge.Draft { // its editor sees what will be said once it is in use
		told.Status = knowledge.Active
	}
	alone := knowledge.New([]knowledge.Guide{told})
	now := l.clock()
	overview := alone.Field(g.ID, knowledge.Overview, now)
	out.Previews = []desk.LibraryPreview{{Channel: "微信、网页：概况", Text: overview.Brief + "\n" + overview.Source}, {Channel: "电话：概况", Text: overview.Spoken}}
	for _, f := range []knowledge.Field{knowledge.Materials, knowledge.Fee, knowledge.TimeLimit} {
		a := alone.Field(g.ID, f, now)
		out.Previews = append(out.Previews, desk.LibraryPreview{Channel: "电话：" + f.Title(), Text: a.Spoken})
	}
	for _, f := range knowledge.Lint([]knowledge.Guide{g}, now) {
		out.Findings = append(out.Findings, f.Level.Title()+" "+labelOf(f.Field)+"："+f.Message)
	}
	for _, s := range g.Sources {
		out.Sources = append(out.Sources, desk.LibrarySource{Title: s.Title, URL: s.URL, Fetched: string(s.FetchedAt), Digest: s.SHA256[:min(12, len(s.SHA256))]})
	}
	return out
}

// labelOf is what a key of a guide is called on the form, or the key.
func labelOf(key string) string {
	for _, b := range new(knowledge.Guide).Form() {
		if b.Key == key {
			return b.Label
		}
	}
	if label, ok := map[string]string{"fees": "收费项目", "sources": "来源", "source": "来源", "faq": "常见问答", "plain": "白话", "said": "市民的说法",
		"situations": "情形", "towns": "镇街", "places": "地点", "channels": "渠道", "codes": "编码", "verify": "待核", "audience": "服务对象",
		"themes": "主题", "kind": "办件类型", "type": "类型", "department": "部门", "depth": "网办深度", "booking": "预约", "bookable": "预约",
		"legal_days": "法定时限", "promise_days": "承诺时限", "name": "名称", "id": "编号"}[key]; ok {
		return label
	}
	return key
}

// Preview implements desk.Library.
func (l library) Preview(id string, values map[string]string) (desk.LibraryGuide, bool) {
	g, ok := l.guides.Base().Guide(id)
	if !ok {
		return desk.LibraryGuide{}, false
	}
	g.Fill(values)
	return l.shown(g), true
}

// Save implements desk.Library.
func (l library) Save(ctx context.Context, id string, values map[string]string, over int, by, note string) error {
	g, ok := l.guides.Base().Guide(id)
	if !ok {
		return desk.ErrUnusable{Sentence: "没有这条指南。"}
	}
	g.Fill(values)
	return l.told(ctx, id, by, func() error {
		_, err := l.guides.Edit(ctx, g, over, by, note, l.clock())
		return err
	})
}

// guideID is what a guide may be known by that is begun at the desk: it stands
// in addresses and citations.
var guideID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,63}$`)

// pagesOfKnowledge are words that stand in the addresses of the guides' own pages.
var pagesOfKnowledge = []string{"new", "import"}

// Create implements desk.Library.
func (l library) Create(ctx context.Context, id, title, by string) error {
	switch {
	case strings.TrimSpace(title) == "":
		return desk.ErrUnusable{Sentence: "请写名称。"}
	case !guideID.MatchString(id) || slices.Contains(pagesOfKnowledge, id):
		return desk.ErrUnusable{Sentence: "编号用 2 到 64 个小写字母、数字和连字符，比如 dog-licence。"}
	}
	if g, ok := l.guides.Base().Guide(id); ok {
		return desk.ErrUnusable{Sentence: "编号 " + id + " 已经是“" + g.Title + "”，换一个。"}
	}
	for _, g := range l.guides.Base().Guides() {
		if g.Title == title {
			return desk.ErrUnusable{Sentence: "已经有“" + title + "”（编号 " + g.ID + "），请直接改那一条。"}
		}
	}
	err := l.told(ctx, id, by, func() error {
		_, err := l.guides.Edit(ctx, knowledge.Guide{ID: id, Title: title, Status: knowledge.Draft}, 0, by, "新写", l.clock())
		return err
	})
	if errors.Is(err, desk.ErrChanged) {
		return desk.ErrUnusable{Sentence: "编号 " + id + " 刚被同事用了，换一个。"}
	}
	return err
}

// Restore implements desk.Library.
func (l library) Restore(ctx context.Context, id string, version, over int, by string) error {
	return l.told(ctx, id, by, func() error {
		_, err := l.guides.Rollback(ctx, id, version, over, by, l.clock())
		return err
	})
}

// told does a deed on a guide, words its refusal and writes it in the trail.
func (l library) told(ctx context.Context, id, by string, deed func() error) error {
	err := deed()
	var faulty knowledge.ErrFaulty
	switch {
	case errors.Is(err, bot.ErrGuideChanged):
		return desk.ErrChanged
	case errors.As(err, &faulty):
		return desk.ErrUnusable{Sentence: "存不了：" + faultOf(faulty)}
	case err != nil:
		return err
	}
	return l.records.Audit(ctx, bot.AuditEntry{At: l.clock(), Actor: by, Deed: "guide.edit", Subject: id})
}

// faultOf is the first fault of a guide, its blank named as the form names it.
func faultOf(e knowledge.ErrFaulty) string {
	if len(e.Faults) == 0 {
		return e.Error()
	}
	return labelOf(e.Faults[0].Field) + "：" + e.Faults[0].Reason
}

// Try implements desk.Library.
func (l library) Try(question string) desk.LibraryTry {
	look, a := l.guides.Base().Explain(knowledge.Question{Text: question, Now: l.clock()})
	out := desk.LibraryTry{Question: question, Read: look.Read, Matter: look.Matter, Why: look.Why, Answer: a.Brief, Spoken: a.Spoken, Source: a.Source}
	out.Band = map[string]string{knowledge.Answered: "会回答", knowledge.Clarified: "会先问清", knowledge.Abstained: "会说不知道"}[look.Band]
	if look.Band == knowledge.Abstained && a.Guide != "" {
		out.Band = "会说指南没写"
	}
	var fields []string
	for _, f := range append(look.Fields, look.Hints...) {
		fields = append(fields, f.Title())
	}
	out.Fields = strings.Join(fields, "、")
	percent := func(v float32) int { return int(math.Round(float64(v) * 100)) }
	for _, r := range look.Ranked {
		out.Ranked = append(out.Ranked, desk.LibraryRank{ID: r.ID, Title: r.Title, Says: r.Says, Sure: percent(r.Sure), Fit: percent(r.Fit),
			Covered: percent(r.Covered), Named: percent(r.Named), Held: percent(r.Held), Likened: percent(r.Likeness)})
	}
	return out
}

// Gaps of the last thirty days, by the most frequent.
func (l library) Gaps(ctx context.Context) ([]desk.LibraryGap, error) {
	missed, err := l.records.MissedSince(ctx, l.clock().Add(-30*24*time.Hour), 2000)
	if err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	reasons := map[bot.MissReason]string{bot.MissNoGuide: "没有指南", bot.MissNoField: "指南没写这一项", bot.MissNoAlias: "不叫这个名", bot.MissLowMargin: "几条分不开", bot.MissDown: "市民说没用"}
	var out []desk.LibraryGap
	for _, g := range l.guides.Base().Gaps(missed) {
		row := desk.LibraryGap{Words: g.Words, Reason: reasons[g.Reason], Guide: g.Guide, Title: g.Title, Propose: g.Propose, N: g.N, Last: g.Last.Format("01-02"), Others: g.Others}
		if g.Field != "" {
			row.Field, row.Blank = g.Field.Title(), blankOf(g)
		}
		if out = append(out, row); len(out) == 50 {
			break
		}
	}
	return out, nil
}

// blankOf is the blank of the form in which a missing field is written; empty where
// nothing is missing or the form has none for it.
func blankOf(g knowledge.Gap) string {
	if g.Reason == bot.MissNoField && labelOf(string(g.Field)) != string(g.Field) {
		return string(g.Field)
	}
	return ""
}

// Lacks implements desk.Library.
func (l library) Lacks() []desk.LibraryLack {
	base := l.guides.Base()
	var out []desk.LibraryLack
	for _, lack := range knowledge.Lacks(base.Guides()) {
		row := desk.LibraryLack{Title: lack.Title}
		for _, id := range lack.Guides {
			g, _ := base.Guide(id)
			row.Guides = append(row.Guides, desk.LibraryRow{ID: id, Title: g.Title})
		}
		out = append(out, row)
	}
	return out
}
