package desk

import (
	"context"
	"hash/fnv"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Samples is where score sheets are kept.
type Samples interface {
	HandoffNumbered(ctx context.Context, id int64) (h bot.Handoff, found bool, err error)
	SaveSample(ctx context.Context, v bot.Sample) error
	Samples(ctx context.Context, since time.Time) ([]bot.Sample, error)
}

const (
	sampledDays = 7   // conversations are drawn from
	scoredDays  = 28  // score sheets are shown
	drawn       = 2   // of each operator a day
	bestMark    = 5   // of a line of the sheet
	maxRemark   = 500 // characters
)

// sheet is what a conversation is looked over for.
func sheet() []string {
	return []string{"开场和称呼", "听懂要办什么", "答得准、有依据", "话说得清楚和气", "收尾和备注"}
}

// drawnTalk is a conversation drawn to be looked over.
type drawnTalk struct {
	ID       int64
	Operator string
	Who      string
	When     time.Time
	Minutes  int
	Reason   string
}

// scored is a score sheet as the page shows it.
type scored struct {
	bot.Sample
	Out100 int
	Remark string
}

// marked is an operator's sheets together.
type marked struct {
	Operator string
	Sheets   int
	Out100   int
	Lines    []int // of each line of the sheet, in tenths of a mark
}

// samplePage lists what was drawn and not looked over yet, and what was scored.
func (d *Desk) samplePage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	since := d.Clock().AddDate(0, 0, -sampledDays)
	done, err := d.Samples.Samples(r.Context(), d.Clock().AddDate(0, 0, -scoredDays))
	if err != nil {
		d.fail(w, "list score sheets", err)
		return
	}
	done = slices.DeleteFunc(done, func(v bot.Sample) bool { return !who.covers(v.Town) })
	shift, err := d.Records.ShiftSince(r.Context(), since)
	if err != nil {
		d.fail(w, "read handoffs", err)
		return
	}
	var out []drawnTalk
	for _, h := range draw(within(who, shift.Handoffs), done) {
		out = append(out, drawnTalk{h.ID, h.Operator, d.name(r.Context(), h.Citizen), h.At, int(math.Ceil(h.ClosedAt.Sub(h.TakenAt).Minutes())), h.Reason.Title()})
	}
	d.render(w, http.StatusOK, "samples.html", map[string]any{"Name": who.Name, "Drawn": out, "Done": sheetsOf(done), "Means": means(done), "Sheet": sheet(), "Days": sampledDays})
}

// scoresPage shows operators how their own conversations were found.
func (d *Desk) scoresPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	done, err := d.Samples.Samples(r.Context(), d.Clock().AddDate(0, 0, -scoredDays))
	if err != nil {
		d.fail(w, "list score sheets", err)
		return
	}
	type one struct {
		scored
		Who string
	}
	var out []one
	done = slices.DeleteFunc(done, func(v bot.Sample) bool { return v.Operator != who.Name })
	for _, v := range sheetsOf(done) {
		out = append(out, one{v, d.name(r.Context(), v.Citizen)})
	}
	d.render(w, http.StatusOK, "scores.html", map[string]any{"Name": who.Name, "Done": out, "Means": means(done), "Sheet": sheet(), "Days": scoredDays, "Best": bestMark})
}

// draw takes some of each operator's conversations of each day, by a number
// that nobody chooses and that stays the same.
func draw(all []bot.Handoff, done []bot.Sample) []bot.Handoff {
	seen := map[int64]bool{}
	for _, v := range done {
		seen[v.Handoff] = true
	}
	lot := func(h bot.Handoff) uint32 {
		f := fnv.New32a()
		f.Write([]byte(string(h.Citizen) + strconv.FormatInt(h.ID, 10)))
		return f.Sum32()
	}
	pool := slices.DeleteFunc(slices.Clone(all), func(h bot.Handoff) bool { return h.Status != bot.HandoffClosed || h.TakenAt.IsZero() })
	slices.SortFunc(pool, func(a, b bot.Handoff) int { return int(int64(lot(a)) - int64(lot(b))) })
	taken := map[string]int{}
	var out []bot.Handoff
	for _, h := range pool {
		of := h.Operator + h.At.In(bot.Shanghai()).Format(time.DateOnly)
		if taken[of]++; taken[of] <= drawn && !seen[h.ID] {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b bot.Handoff) int { return b.At.Compare(a.At) })
	return out
}

// outOf100 is what marks come to.
func outOf100(marks []int) int {
	sum := 0
	for _, m := range marks {
		sum += m
	}
	return 100 * sum / max(1, bestMark*len(marks))
}

func sheetsOf(done []bot.Sample) []scored {
	var out []scored
	for _, v := range done {
		out = append(out, scored{v, outOf100(v.Marks), v.Words.Reveal()})
	}
	return out
}

// means are each operator's marks on average.
func means(done []bot.Sample) []marked {
	by := map[string]*marked{}
	var order []*marked
	for _, v := range done {
		m := by[v.Operator]
		if m == nil {
			m = &marked{Operator: v.Operator, Lines: make([]int, len(sheet()))}
			by[v.Operator], order = m, append(order, m)
		}
		m.Sheets++
		m.Out100 += outOf100(v.Marks)
		for i := range min(len(v.Marks), len(m.Lines)) {
			m.Lines[i] += 10 * v.Marks[i]
		}
	}
	var out []marked
	for _, m := range order {
		m.Out100 /= m.Sheets
		for i := range m.Lines {
			m.Lines[i] /= m.Sheets
		}
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b marked) int { return strings.Compare(a.Operator, b.Operator) })
	return out
}

// sampled is the handoff a page is about, if the account may look it over.
func (d *Desk) sampled(w http.ResponseWriter, r *http.Request, who Account) (bot.Handoff, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	var h bot.Handoff
	found := false
	if err == nil {
		if h, found, err = d.Samples.HandoffNumbered(r.Context(), id); err != nil {
			d.fail(w, "find handoff", err)
			return h, false
		}
	}
	if !found || h.TakenAt.IsZero() || h.Status != bot.HandoffClosed || !who.covers(h.Town) {
		refuse(w, http.StatusNotFound, "没有这次接待。")
		return h, false
	}
	return h, true
}

// sheetPage shows a conversation that was drawn, with the sheet.
func (d *Desk) sheetPage(w http.ResponseWriter, r *http.Request, who Account) {
	h, ok := d.sampled(w, r, who)
	if !ok || !d.audit(w, r, who.Name, bot.AuditOpen, string(h.Citizen)) {
		return
	}
	d.used(r)
	done, err := d.Samples.Samples(r.Context(), d.Clock().AddDate(0, 0, -scoredDays))
	if err != nil {
		d.fail(w, "list score sheets", err)
		return
	}
	given := bot.Sample{}
	if i := slices.IndexFunc(done, func(v bot.Sample) bool { return v.Handoff == h.ID }); i >= 0 {
		given = done[i]
	}
	d.showSheet(w, r, who, h, given, http.StatusOK, "")
}

// showSheet shows the sheet as it was filled in; of the zero value nothing is.
func (d *Desk) showSheet(w http.ResponseWriter, r *http.Request, who Account, h bot.Handoff, given bot.Sample, status int, fault string) {
	recent, err := d.Records.Recent(r.Context(), h.Citizen, moreLines)
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	var lines []line
	for _, l := range recent {
		if !l.At.Before(h.At.Add(-15*time.Minute)) && !l.At.After(h.ClosedAt.Add(time.Minute)) {
			v := lineOf(l)
			v.Text = masked(v.Text)
			lines = append(lines, v)
		}
	}
	for len(given.Marks) > 0 && len(given.Marks) < len(sheet()) {
		given.Marks = append(given.Marks, -1) // a line that was added since
	}
	marks := []int{}
	for m := bestMark; m >= 0; m-- {
		marks = append(marks, m)
	}
	d.render(w, status, "sample.html", map[string]any{"Name": who.Name, "H": h, "Who": d.name(r.Context(), h.Citizen), "Lines": lines, "Sheet": sheet(), "Marks": marks, "Given": given, "Words": given.Words.Reveal(), "Error": fault})
}

// score keeps a sheet.
func (d *Desk) score(w http.ResponseWriter, r *http.Request, who Account) {
	h, ok := d.sampled(w, r, who)
	if !ok {
		return
	}
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "填写的内容太长或格式不对。")
		return
	}
	v := bot.Sample{Handoff: h.ID, Citizen: h.Citizen, Operator: h.Operator, Town: h.Town, By: who.Name, At: d.Clock()}
	words := strings.TrimSpace(strings.Map(printable, r.PostFormValue("words")))
	v.Words = bot.Secret(words)
	missing := false
	for i := range sheet() {
		m, err := strconv.Atoi(r.PostFormValue("mark" + strconv.Itoa(i)))
		if err != nil || m < 0 || m > bestMark {
			m, missing = -1, true
		}
		v.Marks = append(v.Marks, m)
	}
	if missing {
		d.showSheet(w, r, who, h, v, http.StatusUnprocessableEntity, "每一项都要打分，0 到 5。")
		return
	}
	if utf8.RuneCountInString(words) > maxRemark || h.Operator == who.Name {
		fault := "评语请不超过 500 字。"
		if h.Operator == who.Name {
			fault = "自己接待的请别的班长来评。"
		}
		d.showSheet(w, r, who, h, v, http.StatusUnprocessableEntity, fault)
		return
	}
	if err := d.Samples.SaveSample(r.Context(), v); err != nil {
		d.fail(w, "keep score sheet", err)
		return
	}
	http.Redirect(w, r, "/desk/samples", http.StatusSeeOther)
}
