package desk

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// workWords are the functions of the pages' templates.
func (c *Config) workWords() template.FuncMap {
	names := func() ticket.Names {
		if c.Work == nil {
			return ticket.Names{}
		}
		return c.Work.Tickets.TicketRules().Names
	}
	return template.FuncMap{
		"sendable": mayBeSent,
		"titled":   titled,
		"way":      func(t ticket.Ticket, s ticket.Step) string { return t.WayOf(s) },
		"body":     func(b ticket.Body) string { return names().Body(b) },
		"town":     func(id string) string { return c.Towns[id] },
		"tenths":   func(n int) string { return strconv.Itoa(n/10) + "." + strconv.Itoa(n%10) },
		"speaker":  speakerTitle,
		"clock":    func(t time.Time) string { return t.In(bot.Shanghai()).Format("01-02 15:04") },
		"date":     func(t time.Time) string { return t.In(bot.Shanghai()).Format(time.DateOnly) },
		"left":     func(t ticket.Ticket, now time.Time) string { return left(t, now) },
		"tone":     func(t ticket.Ticket, now time.Time) string { return tone(t, now) },
		"need":     func(id string) string { return ticket.NeedByID(id).Name },
		"mask":     func(s bot.Secret) string { return bot.MaskPhone(s.Reveal()) },
		"named":    func(s bot.Secret) string { return bot.MaskName(s.Reveal()) },
		"say":      func(s bot.Secret) string { return bot.MaskWords(s.Reveal()) },
		"gist":     gistWords,
		"needs":    func(t ticket.Ticket) string { return needNames(t.Needs) },
		"where":    func(t ticket.Ticket) string { return where(names(), t) },
		"tel":      func(s bot.Secret) template.URL { return template.URL("tel:" + strings.Map(figure, s.Reveal())) }, // #nosec G203: figures only
		"grouped":  func(s bot.Secret) string { return grouped(s.Reveal()) },
		"plain":    func(s bot.Secret) string { return s.Reveal() },
		"place":    place,
		"reader": func(key string) string {
			if key == "citizen" {
				return "市民"
			}
			b, _ := ticket.ParseBody(key)
			return names().Body(b)
		},
		"category": func(id string) string {
			if c.Work != nil {
				for _, v := range c.Work.Categories {
					if v.ID == id {
						return v.Name
					}
				}
			}
			if n := ticket.NeedByID(id).Name; n != "" {
				return n
			}
			return "未分类"
		},
		"form":    func(c workCase, a ticket.Action) workForm { return formOf(c, a) },
		"percent": func(v float64) string { return fmt.Sprintf("%.0f%%", v*100) },
		"content": func(v interface{ Satisfaction() (float64, bool) }) string {
			if share, any := v.Satisfaction(); any {
				return fmt.Sprintf("%.0f%%", share*100)
			}
			return "—"
		},
		"yuan":  func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) },
		"round": func(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") },
		"count": func(v []string) int { return len(v) },
		"verdict": func(v ticket.Verdict) string {
			return map[ticket.Verdict]string{ticket.Yes: "满意", ticket.No: "不满意", ticket.Unheard: "没联系上"}[v]
		},
	}
}

// needNames are kinds of help in words.
func needNames(ids []string) string {
	var all []string
	for _, id := range ids {
		all = append(all, ticket.NeedByID(id).Name)
	}
	return strings.Join(all, "、")
}

// left says how long is left, or how long it is over, in words.
func left(t ticket.Ticket, now time.Time) string {
	if !t.Open() {
		return ""
	}
	d, lead := t.DueAt.Sub(now), "还有 "
	if d < 0 {
		d, lead = -d, "已超 "
	}
	switch hours := int(d.Hours()); {
	case hours >= 48:
		return fmt.Sprintf("%s%d 天", lead, hours/24)
	case hours >= 1:
		return fmt.Sprintf("%s%d 小时 %d 分", lead, hours, int(d.Minutes())%60)
	}
	return fmt.Sprintf("%s%d 分", lead, int(d.Minutes()))
}

// tone is the colour that goes with it.
func tone(t ticket.Ticket, now time.Time) string {
	switch {
	case !t.Open():
		return "done"
	case t.Overdue(now) > 0 || t.Life.Level >= ticket.Red || t.Urgency == ticket.Emergency:
		return "late"
	case t.Life.Level == ticket.Yellow || t.DueAt.Sub(now) < 24*time.Hour:
		return "soon"
	}
	return "calm"
}

// where is whose a ticket is and where it is from, the town named once.
func where(names ticket.Names, t ticket.Ticket) string {
	holder, town := names.Body(t.Life.Holder), names.Towns[t.Town]
	switch {
	case town == "" || holder != "" && strings.HasPrefix(holder, town):
		return holder
	case holder == "":
		return town + t.Village
	}
	return town + t.Village + " · " + holder
}

// mostGist is how many characters of a telling a list shows.
const mostGist = 60

// gistWords is how a telling begins, particulars masked: a kind and a town alone
// do not say to whom it should go.
func gistWords(s bot.Secret) string {
	words := []rune(strings.Join(strings.Fields(bot.MaskWords(s.Reveal())), " "))
	if len(words) > mostGist {
		return string(words[:mostGist-1]) + "…"
	}
	return string(words)
}

// workForm is what one action asks for.
type workForm struct {
	Case     workCase
	Action   ticket.Action
	Title    string
	Label    string // of the words; empty: none are asked for
	Hint     string
	Optional bool
	Amount   bool
	Until    bool
	To       bool
	Sort     bool
	Into     bool
	Picture  bool
	Verdict  bool
	Ways     []ticket.Way // match, skip: those that may be meant, the next first
	Finding  bool
	Danger   bool
	Reasons  []string // one of which has to be given
	Main     bool     // the most likely next step
}

// Bare says whether an action asks for nothing: its button is enough.
func (f workForm) Bare() bool {
	return f.Label == "" && !(f.Amount || f.Until || f.To || f.Sort || f.Into || f.Picture || f.Verdict || f.Finding) && f.Ways == nil && f.Reasons == nil
}

// formOf says what an action asks for.
func formOf(c workCase, a ticket.Action) workForm {
	f := workForm{Case: c, Action: a, Title: a.Title()}
	switch a {
	case ticket.DoReject:
		f.Label, f.Hint, f.Danger = "理由和出路", "市民会看到：为什么受理不了、该去哪里。", true
	case ticket.DoDispatch:
		f.Label, f.Optional, f.To, f.Sort, f.Main = "派单说明", true, true, true, c.T.Status != ticket.Dispatched
	case ticket.DoSort:
		f.Sort = true
	case ticket.DoSign:
		f.Main = true
	case ticket.DoReturn:
		f.Label, f.Hint = "退单理由和依据", "只能退一次，派单一个工作日内。"
	case ticket.DoAdmit:
		f.Label, f.Hint, f.Main = "受理意见", "市民会看到。", c.T.Kind == ticket.Help && c.T.Life.AdmittedAt.IsZero() && c.T.Status != ticket.Dispatched
	case ticket.DoContact:
		f.Label, f.Hint, f.Main, f.Picture = "联系情况", "何时联系的、市民怎么说。", c.T.Life.ContactedAt.IsZero(), false
	case ticket.DoNote:
		f.Label, f.Picture = "记一笔", true
	case ticket.DoVisit:
		f.Label, f.Picture, f.Hint = "走访情况", true, "照片会去掉位置信息。"
	case ticket.DoVerify:
		f.Label, f.Amount, f.Picture = "核查情况", true, true
	case ticket.DoMeet:
		f.Label = "联席会议意见"
	case ticket.DoPay:
		f.Label, f.Amount, f.Hint = "资金来源和去向", true, "金额，单位元。"
	case ticket.DoMatch:
		f.Ways, f.Finding, f.Label, f.Hint = waysOf(c), true, "看了什么，为什么是这个结果", "按顺序来：先现行政策，再慈善资金，最后公开认领。"
		f.Main = !c.T.Life.ContactedAt.IsZero() && len(c.Ways) > 0 && c.Ways[0].Next
	case ticket.DoSkip:
		f.Ways, f.Label = waysOf(c), "为什么不用走这一步"
	case ticket.DoPublish:
		f.Label, f.Main = "为什么要请人认领（写进记录，不公开）", true
		f.Hint = "会公开的是：" + ticket.WishOf(c.T, c.Names, c.T.CreatedAt).Text + "。先看一眼：认不出是谁家，再公开。"
	case ticket.DoHide:
		f.Label, f.Optional, f.Hint = "说明", true, "心愿从公开名单撤下，以后也不再公开。"
	case ticket.DoExtend:
		f.Label, f.Until, f.Hint = "延期理由", true, "最晚 "+c.Latest+"，只能延一次。选到休息日，算到下一个工作日。"
	case ticket.DoRefuse:
		f.Label = "不同意的理由"
	case ticket.DoReply:
		f.Label, f.Hint, f.Main, f.Picture = "答复", "审核后市民会看到，写清做了什么、还要做什么、什么时候。", !c.T.Life.ContactedAt.IsZero(), true
	case ticket.DoApprove, ticket.DoGrant:
		f.Main = true
	case ticket.DoSendBack:
		f.Label = "退回修改的理由"
	case ticket.DoFollowUp:
		f.Verdict, f.Label, f.Optional, f.Main = true, "回访记录", true, true
	case ticket.DoRedo:
		f.Label, f.Hint = "哪里没解决", "市民不满意时重办。"
	case ticket.DoMerge:
		f.Into, f.Label, f.Optional = true, "说明", true
	case ticket.DoWithdraw:
		f.Label, f.Optional, f.Danger = "说明", true, true
	case ticket.DoUrge:
		f.Label, f.Optional = "市民的话", true
	case ticket.DoSupervise:
		f.Label = "督办要求"
	case ticket.DoReveal:
		f.Reasons, f.Hint = contactReasons(), "谁在什么时候、为什么看了，都记在审计里。"
	case ticket.DoWorks:
		f.Label, f.Hint = "列入微实事的说明", "六个月内完工。"
	}
	return f
}

// waysOf are the ways a form offers, the next one first; what claiming came to
// the list itself tells.
func waysOf(c workCase) []ticket.Way {
	var out []ticket.Way
	for _, s := range c.Ways {
		switch {
		case s.Way == ticket.WayClaim:
		case s.Next:
			out = append([]ticket.Way{s.Way}, out...)
		default:
			out = append(out, s.Way)
		}
	}
	return out
}

// place is where in its town a ticket is about, the village said once.
func place(t ticket.Ticket) string {
	address := bot.MaskWords(t.Address.Reveal())
	if strings.HasPrefix(address, t.Village) {
		return address
	}
	return t.Village + " " + address
}
