package desk

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Switchboard is where switches with two keys are kept. Each deed is noted in
// the audit trail in its own commit.
type Switchboard interface {
	ProposeSwitch(ctx context.Context, v bot.Switch) (id int64, err error)
	DecideSwitch(ctx context.Context, id int64, by string, approve bool, at time.Time) error
	EndSwitch(ctx context.Context, id int64, by string, at time.Time) error
	Switches(ctx context.Context, limit int) ([]bot.Switch, error)
}

// Switches is what the page of switches is made of.
type Switches struct {
	Board Switchboard
	// RuleFault says what is wrong with a health rule file, nil: nothing.
	RuleFault func(raw string) error
}

const (
	mostSwitches = 60       // the page lists
	maxSwitch    = 64 << 10 // bytes of a proposal, its rule file among them
	maxNotice    = 200      // characters said to citizens
)

// switchHours are how long a switch may be proposed for.
func switchHours() []int { return []int{1, 2, 4, 8, 24, 72, 168, 720} }

// span is a time to choose.
type span struct {
	Hours int
	Title string
}

func spans() []span {
	var out []span
	for _, h := range switchHours() {
		title := strconv.Itoa(h) + " 小时"
		if h >= 48 {
			title = strconv.Itoa(h/24) + " 天"
		}
		out = append(out, span{h, title})
	}
	return out
}

func (d *Desk) switchRoutes(mux *http.ServeMux) {
	if d.Switches == nil {
		return
	}
	mux.HandleFunc("GET /desk/switches", d.supervising(d.switchPage))
	mux.HandleFunc("POST /desk/switches", d.administrating(d.proposeSwitch))
	mux.HandleFunc("POST /desk/switches/{id}", d.administrating(d.decideSwitch))
}

// shownSwitch is a switch on the page.
type shownSwitch struct {
	bot.Switch
	Title, State   string
	Mine           bool // who looks proposed what waits: a colleague has to turn the second key
	Waits, Working bool
}

// switchForm is what was written, to be shown again with its fault.
type switchForm struct {
	Kind, Topic, Text, TextEN, Rules string
	Hours                            int
}

func (d *Desk) switchPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	d.showSwitches(w, r, who, http.StatusOK, switchForm{Kind: string(bot.SwitchNotice), Hours: 4}, "")
}

func (d *Desk) showSwitches(w http.ResponseWriter, r *http.Request, who Account, status int, f switchForm, fault string) {
	all, err := d.Switches.Board.Switches(r.Context(), mostSwitches)
	if err != nil {
		d.fail(w, "list switches", err)
		return
	}
	now := d.Clock()
	var open, over []shownSwitch
	for _, v := range all {
		row := shownOf(v, who.Name, now)
		if row.Waits || row.Working {
			open = append(open, row)
		} else {
			over = append(over, row)
		}
	}
	var topics []choice
	for _, i := range bot.Topics() {
		topics = append(topics, choice{string(i), i.Title()})
	}
	d.render(w, status, "switches.html", map[string]any{
		"Name": who.Name, "Open": open, "Over": over, "Topics": topics, "Spans": spans(), "Form": f, "Fault": fault,
		"Keys": who.administrates(),
	})
}

// keysWanted is how many switches wait for this administrator's key.
func (d *Desk) keysWanted(ctx context.Context, who Account) (n int, err error) {
	if d.Switches == nil || !who.administrates() {
		return 0, nil
	}
	all, err := d.Switches.Board.Switches(ctx, mostSwitches)
	for _, v := range all {
		if row := shownOf(v, who.Name, d.Clock()); row.Waits && !row.Mine {
			n++
		}
	}
	return n, err
}

func shownOf(v bot.Switch, name string, now time.Time) shownSwitch {
	row := shownSwitch{Switch: v, Working: v.InForce(now)}
	row.Waits = now.Before(v.Until) && (v.Status == bot.SwitchProposed || v.Status == bot.SwitchEnding)
	switch v.Kind {
	case bot.SwitchHealth:
		row.Title = "健康码转入应急"
	case bot.SwitchNotice:
		row.Title = "紧急通知"
	default:
		row.Title = "暂停“" + v.Topic.Title() + "”"
	}
	switch {
	case v.Status == bot.SwitchProposed && row.Waits:
		row.State, row.Mine = "等第二位管理员批准", v.ProposedBy == name
	case v.Status == bot.SwitchEnding && row.Waits:
		row.State, row.Mine = "生效中，"+v.EndBy+" 提议提前结束，等另一位批准", v.EndBy == name
	case row.Working:
		row.State = "生效中"
	case v.Status == bot.SwitchRefused && v.EndBy == "", v.Status == bot.SwitchProposed:
		row.State = "没有批准，已过期"
	case v.Status == bot.SwitchRefused:
		row.State = v.EndBy + " 没有同意"
	case v.EndedBy != "":
		row.State = v.EndedBy + " 批准提前结束"
	default:
		row.State = "到时结束"
	}
	return row
}

// proposeSwitch takes a proposal, its rule file as words or as a file.
func (d *Desk) proposeSwitch(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	f, fault := readSwitch(w, r)
	v := bot.Switch{
		Kind: bot.SwitchKind(f.Kind), Text: f.Text, TextEN: f.TextEN, ProposedBy: who.Name, ProposedAt: d.Clock(),
		Until: d.Clock().Add(time.Duration(f.Hours) * time.Hour),
	}
	switch {
	case fault != "":
	case !slices.Contains(switchHours(), f.Hours):
		fault = "请选多久以后自动结束。"
	case v.Kind == bot.SwitchHealth:
		v.Text, v.TextEN = f.Rules, ""
		if err := d.Switches.RuleFault(f.Rules); err != nil {
			fault = "规则文件不能用：" + err.Error()
		}
	case f.Text == "":
		fault = "请写明要对市民说的话。"
	case utf8.RuneCountInString(f.Text) > maxNotice || utf8.RuneCountInString(f.TextEN) > 2*maxNotice:
		fault = "对市民说的话最多 " + strconv.Itoa(maxNotice) + " 字。"
	case v.Kind == bot.SwitchTopic:
		v.Topic = bot.Intent(f.Topic)
	}
	if fault == "" && !v.Fit(v.ProposedAt) {
		fault = "请选好要做什么；停哪一项也要选好。"
	}
	if fault != "" {
		d.showSwitches(w, r, who, http.StatusUnprocessableEntity, f, fault)
		return
	}
	if _, err := d.Switches.Board.ProposeSwitch(r.Context(), v); err != nil {
		d.fail(w, "propose switch", err)
		return
	}
	http.Redirect(w, r, "/desk/switches", http.StatusSeeOther)
}

func readSwitch(w http.ResponseWriter, r *http.Request) (f switchForm, fault string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxSwitch)
	if err := r.ParseMultipartForm(maxSwitch); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return f, "内容太长或格式不对，规则文件最多 32 KB。"
	}
	clean := func(name string) string { return strings.TrimSpace(strings.Map(printable, r.PostFormValue(name))) }
	f = switchForm{Kind: clean("kind"), Topic: clean("topic"), Text: clean("text"), TextEN: clean("text_en"), Rules: clean("rules")}
	f.Hours, _ = strconv.Atoi(r.PostFormValue("hours")) // no number is no choice
	if file, _, err := r.FormFile("file"); err == nil {
		raw, err := io.ReadAll(file)
		if err != nil || !utf8.Valid(raw) {
			return f, "规则文件读不出来，请用 UTF-8 的 YAML 文件。"
		}
		f.Rules = cmp.Or(strings.TrimSpace(string(raw)), f.Rules)
	}
	return f, ""
}

// decideSwitch turns the second key, takes a proposal back, or proposes an end.
func (d *Desk) decideSwitch(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		refuse(w, http.StatusNotFound, "没有这个开关。")
		return
	}
	board, now := d.Switches.Board, d.Clock()
	switch r.PostFormValue("verdict") {
	case "approve":
		err = board.DecideSwitch(r.Context(), id, who.Name, true, now)
	case "refuse":
		err = board.DecideSwitch(r.Context(), id, who.Name, false, now)
	case "end":
		err = board.EndSwitch(r.Context(), id, who.Name, now)
	default:
		refuse(w, http.StatusBadRequest, "没有这个操作。")
		return
	}
	blank := switchForm{Kind: string(bot.SwitchNotice), Hours: 4}
	switch {
	case errors.Is(err, bot.ErrSameKey):
		d.showSwitches(w, r, who, http.StatusForbidden, blank, "自己提议的要由另一位管理员批准。")
	case errors.Is(err, bot.ErrSwitchOver):
		d.showSwitches(w, r, who, http.StatusConflict, blank, "这一项刚刚有人处理过，或已经到时，请看现在的状态。")
	case err != nil:
		d.fail(w, "decide switch", err)
	default:
		http.Redirect(w, r, "/desk/switches", http.StatusSeeOther)
	}
}
