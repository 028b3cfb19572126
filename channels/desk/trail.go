package desk

import (
	"context"
	"encoding/csv"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Trail is the audit trail as the page shows it. Nothing of it can be changed.
type Trail struct {
	// Like lists entries before a number, newest first.
	Like func(ctx context.Context, like bot.AuditLike, before int64, limit int) ([]bot.AuditEntry, error)
	// Verify holds the whole trail against its chain.
	Verify func(ctx context.Context) (Verdict, error)
}

// Verdict is what came of holding the trail against its chain.
type Verdict struct {
	Entries int64
	Last    string // the last entry's hash, to be kept elsewhere
	Fault   string // the first entry that is not what was written; empty: all stand
}

const (
	trailPage  = 50   // entries a page shows
	trailBatch = 1000 // entries read at once for a file
)

func (d *Desk) trailRoutes(mux *http.ServeMux) {
	if d.Trail == nil {
		return
	}
	mux.HandleFunc("GET /desk/audit", d.overseeing(d.trailPage))
	mux.HandleFunc("GET /desk/audit/trail.csv", d.overseeing(d.trailFile))
	mux.HandleFunc("POST /desk/audit/verify", d.overseeing(d.verifyTrail))
}

// sought is what somebody looks for in the trail.
type sought struct {
	Like     bot.AuditLike
	From, To string // days, as they were written
	Before   int64
}

// soughtOf reads what is looked for; the sentence says what cannot be read.
func soughtOf(q url.Values) (v sought, fault string) {
	text := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	v = sought{Like: bot.AuditLike{Actor: text("who"), Deed: text("deed"), Subject: text("of")}, From: text("from"), To: text("to"), Before: math.MaxInt64}
	day := func(s string, into *time.Time, later int) {
		if s == "" {
			return
		}
		at, err := time.ParseInLocation(time.DateOnly, s, bot.Shanghai())
		if err != nil {
			fault = "日期请写成 2026-11-27 这样。"
			return
		}
		*into = at.AddDate(0, 0, later)
	}
	day(v.From, &v.Like.From, 0)
	day(v.To, &v.Like.To, 1)
	if n, err := strconv.ParseInt(text("before"), 10, 64); err == nil && n > 0 {
		v.Before = n
	}
	return v, fault
}

// query is the address of the same search from a number on.
func (v sought) query(before int64) string {
	q := url.Values{}
	for name, value := range map[string]string{"who": v.Like.Actor, "deed": v.Like.Deed, "of": v.Like.Subject, "from": v.From, "to": v.To} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if before > 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// note is how a look at the trail stands in it: what was looked for, without a
// telephone number somebody may have looked for.
func (v sought) note() string {
	var parts []string
	for _, p := range []pair{{"who", v.Like.Actor}, {"deed", v.Like.Deed}, {"from", v.From}, {"to", v.To}} {
		if p.Value != "" {
			parts = append(parts, p.Name+"="+p.Value)
		}
	}
	if v.Before != math.MaxInt64 {
		parts = append(parts, "before="+strconv.FormatInt(v.Before, 10))
	}
	return masked(strings.Join(parts, " "))
}

// trailRow is an entry in words.
type trailRow struct {
	Seq                              int64
	At, Actor, Deed, Subject, Reason string
}

func trailRowOf(e bot.AuditEntry) trailRow {
	reason := masked(e.Reason)
	if e.Deed == bot.AuditStaffAdd {
		reason = firstOf(roleTitles()[e.Reason], reason)
	}
	return trailRow{e.Seq, e.At.Format("2006-01-02 15:04:05"), actorTitle(e.Actor), deedTitle(e.Deed), e.Subject, reason}
}

func (d *Desk) trailPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.showTrail(w, r, who, nil)
}

// showTrail shows a page of the trail once it is noted that somebody looks.
func (d *Desk) showTrail(w http.ResponseWriter, r *http.Request, who Account, verdict *Verdict) {
	d.used(r)
	v, fault := soughtOf(r.URL.Query())
	status := http.StatusOK
	var rows []trailRow
	more := int64(0)
	if fault != "" {
		status = http.StatusUnprocessableEntity
	} else {
		found, err := d.Trail.Like(r.Context(), v.Like, v.Before, trailPage+1)
		if err != nil {
			d.fail(w, "read audit trail", err)
			return
		}
		if !d.record(w, r, bot.AuditEntry{Actor: who.Name, Deed: bot.AuditRead, Subject: masked(v.Like.Subject), Reason: v.note()}) {
			return
		}
		if len(found) > trailPage {
			found = found[:trailPage]
			more = found[trailPage-1].Seq
		}
		for _, e := range found {
			rows = append(rows, trailRowOf(e))
		}
	}
	older := ""
	if more > 0 {
		older = v.query(more)
	}
	d.render(w, status, "audit.html", map[string]any{
		"Name": who.Name, "V": v, "Deeds": deedsToChoose(v.Like.Deed), "Rows": rows, "Fault": fault, "Verdict": verdict,
		"Older": older, "Newest": v.query(0), "Paged": v.Before != math.MaxInt64, "Narrowed": v.query(0) != "",
	})
}

// verifyTrail holds the trail against its chain, as `guanjia audit verify` does.
func (d *Desk) verifyTrail(w http.ResponseWriter, r *http.Request, who Account) {
	if !d.audit(w, r, who.Name, bot.AuditVerify, "") {
		return
	}
	verdict, err := d.Trail.Verify(r.Context())
	if err != nil {
		d.fail(w, "verify audit trail", err)
		return
	}
	d.showTrail(w, r, who, &verdict)
}

// trailFile sends what was looked for as CSV, newest first, however much it is.
func (d *Desk) trailFile(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	v, fault := soughtOf(r.URL.Query())
	if fault != "" {
		refuse(w, http.StatusUnprocessableEntity, fault)
		return
	}
	found, err := d.Trail.Like(r.Context(), v.Like, v.Before, trailBatch)
	if err != nil {
		d.fail(w, "read audit trail", err)
		return
	}
	if !d.record(w, r, bot.AuditEntry{Actor: who.Name, Deed: bot.AuditExportTrail, Subject: masked(v.Like.Subject), Reason: v.note()}) {
		return
	}
	w.Header().Set("Content-Disposition", "attachment; filename="+d.Clock().In(bot.Shanghai()).Format(time.DateOnly)+"-audit.csv")
	out := beginCSV(w)
	out.Write([]string{"编号", "时间", "谁", "做了什么", "代码", "对象", "缘由"})
	for len(found) > 0 {
		for _, e := range found {
			row := trailRowOf(e)
			out.Write(cells([]string{strconv.FormatInt(e.Seq, 10), row.At, row.Actor, row.Deed, e.Deed, row.Subject, row.Reason}))
		}
		if len(found) < trailBatch {
			break
		}
		if found, err = d.Trail.Like(r.Context(), v.Like, found[len(found)-1].Seq, trailBatch); err != nil {
			d.Log.Error("read audit trail", "error", err) // a file that ends without its last line says so
			out.Write([]string{"", "", "", "没有读完，请重新下载"})
			break
		}
	}
	out.Flush() // who asked may be gone: nobody to tell
}

// beginCSV begins a file with the mark by which Excel knows UTF-8.
func beginCSV(w http.ResponseWriter) *csv.Writer {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Write([]byte("\ufeff"))
	return csv.NewWriter(w)
}

// cells are a row's cells; one that a spreadsheet would take for a formula is
// quoted.
func cells(row []string) []string {
	plain := slices.Clone(row)
	for k, c := range plain {
		if strings.ContainsAny(c[:min(1, len(c))], "=+-@\t\r") {
			plain[k] = "'" + c
		}
	}
	return plain
}

// actorTitle names who did something: accounts by their own name.
func actorTitle(actor string) string {
	switch actor {
	case "system":
		return "系统"
	case "command":
		return "服务器命令"
	case "citizen":
		return "市民本人"
	}
	return actor
}

// deedsToChoose are the deeds one can look for, by name; one that was asked for
// by its code is among them.
func deedsToChoose(asked string) []tick {
	titles := deedTitles()
	if asked != "" && titles[asked] == "" {
		titles[asked] = deedTitle(asked)
	}
	var out []tick
	for _, code := range slices.Sorted(maps.Keys(titles)) {
		out = append(out, tick{code, titles[code], code == asked})
	}
	slices.SortStableFunc(out, func(a, b tick) int { return strings.Compare(a.Title, b.Title) })
	return out
}

// deedTitle says in words what was done; a deed nobody has named is shown by
// its code.
func deedTitle(deed string) string {
	if title := deedTitles()[deed]; title != "" {
		return title
	}
	for kind, title := range map[string]string{" ticket": "诉求", " word": "诉求用语", " claim": "认领"} {
		if action, ok := strings.CutSuffix(deed, kind); ok {
			return title + "：" + firstOf(ticket.Action(action).Title(), action)
		}
	}
	for kind, title := range map[string]string{"change_": "改放号安排", "call_": "电话"} {
		if what, ok := strings.CutPrefix(deed, kind); ok {
			return title + "：" + what
		}
	}
	return deed
}

// roleTitles name what an account was made for.
func roleTitles() map[string]string {
	return map[string]string{roleOperator: "坐席", roleSupervisor: "班长", roleAdministrator: "管理员", roleHall: "大厅窗口"}
}

func deedTitles() map[string]string {
	return map[string]string{
		bot.AuditSignIn: "登录", bot.AuditSignInRefused: "登录没成功", bot.AuditSignOut: "退出登录", bot.AuditFactorOn: "加二次验证", bot.AuditFactorOff: "去掉二次验证",
		bot.AuditOpen: "打开会话", bot.AuditAttachment: "打开附件", bot.AuditListen: "听录音", bot.AuditListenIn: "旁听电话", bot.AuditListenedIn: "旁听结束", bot.AuditStaffAdd: "加账号", bot.AuditStaffReset: "重设密码",
		bot.AuditPassword: "换密码", bot.AuditDemoClear: "清样例", bot.AuditCopy: "市民拿走自己的数据", bot.AuditCorrect: "市民更正姓名", bot.AuditErase: "市民删除数据",
		bot.AuditConsent: "监护人同意", bot.AuditWithdraw: "监护人收回同意", bot.AuditSensitive: "同意记敏感信息", bot.AuditInsensitive: "收回敏感信息同意",
		bot.AuditPrune: "清理到期数据", bot.AuditRotate: "换密钥", bot.AuditReseal: "换加密算法", bot.AuditBackup: "备份", bot.AuditExport: "导出报表", bot.AuditSkills: "改人员设置",
		bot.AuditForCitizen: "代市民办理", bot.AuditMatters: "查市民的预约和诉求", bot.AuditSample: "质检打分", bot.AuditReassign: "改派", bot.AuditShift: "改排班",
		bot.AuditSwitchPropose: "提议开关", bot.AuditSwitchApprove: "批准开关", bot.AuditSwitchRefuse: "不批准开关", bot.AuditSwitchEnding: "提议结束开关",
		bot.AuditSwitchEnd: "结束开关", bot.AuditSwitchExpire: "开关到期", bot.AuditReleaseApply: "采用放号建议", bot.AuditReleaseReject: "不采用放号建议",
		bot.AuditReleaseUndo: "撤回放号建议", bot.AuditServices: "导入业务", bot.AuditRead: "看审计", bot.AuditVerify: "核对审计", bot.AuditExportTrail: "导出审计",
		"guide.edit": "改指南", "guide.import": "导入指南", "intents_learnt": "学会新说法", "decide_lesson": "定一条说法", "relearn_intents": "重新学习", "relabel_words": "改听错的话",
		"appeal_granted": "申诉：爽约不算", "appeal_exempt": "申诉：以后不停约", "appeal_refused": "申诉：维持停约",
		"change_hall": "改大厅", "change_window": "改窗口", "change_service": "改业务", "change_department": "改部门", "change_year": "改年历", "change_day": "改当天开放", "change_rules": "改预约规则",
		"call_answer": "接电话", "call_hold": "电话保持", "call_resume": "电话取回", "call_pass": "转电话", "call_release": "挂电话", "call_ring": "叫人接电话", "call_end": "结束电话", "call_wrapup": "填通话小结",
		"export_day": "导出大厅当天预约", "exempt_person": "解除停约", "change limits": "改时限", "place_call": "外呼", "refuse_calls": "市民不要外呼", "set_call_rules": "改外呼规则",
	}
}
