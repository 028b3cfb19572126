package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"guanjia/bot/ticket"
)

// limitKind is how a limit is written on the form.
type limitKind string

const (
	limitSpan  limitKind = "span"
	limitNum   limitKind = "number" // whole
	limitShare limitKind = "share"  // or with a fraction
	limitTime  limitKind = "time"
	limitWays  limitKind = "ways"
	limitRoles limitKind = "roles"
)

// limitBlank is a limit as the page has it. Its key is its place in the limits
// as they are kept: claim.confirm is confirm in claim.
type limitBlank struct {
	Key, Title, Hint string
	Kind             limitKind
	Value, Unit      string   // as it stands or was typed
	Many             []string // of ways and roles
}

// limitGroup is a part of the page.
type limitGroup struct {
	Title  string
	Blanks []limitBlank
}

// limitChange is a limit that would be another.
type limitChange struct{ Title, Was, Becomes string }

// limitsView is what the page shows.
type limitsView struct {
	Change      bool // may this account
	Groups      []limitGroup
	Changes     []limitChange
	Asked       bool // the changes were asked for
	Said, Error string
}

// limitGroups are the limits in the order in which work meets them.
func limitGroups() []limitGroup {
	span := func(key, title, hint string) limitBlank {
		return limitBlank{Key: key, Title: title, Hint: hint, Kind: limitSpan}
	}
	num := func(key, title, hint string) limitBlank {
		return limitBlank{Key: key, Title: title, Hint: hint, Kind: limitNum}
	}
	of := func(kind limitKind, key, title, hint string) limitBlank {
		return limitBlank{Key: key, Title: title, Hint: hint, Kind: kind}
	}
	handle := func(t ticket.Type) limitBlank {
		return span("handle."+string(t), string(t), "从收到那天的次日算起")
	}
	return []limitGroup{
		{"接手", []limitBlank{span("admit", "受理意见", "求助：镇街多久之内说收不收"), span("sign", "签收", "派到以后"), span("return", "退单", "派到以后多久之内还能退"),
			num("returns", "一家能退几次", ""), span("contact", "首次联系", "签收以后"), span("hurry", "紧急的首次联系", "签收以后")}},
		{"12345 办结", []limitBlank{handle(ticket.Inquiry), handle(ticket.Assistance), handle(ticket.Suggestion), handle(ticket.Praise), handle(ticket.Complaint), handle(ticket.Tipoff)}},
		{"民生大莞家", []limitBlank{span("help", "办结", "个人急难"), span("help_most", "最多延到", "从收到算"), span("works", "微实事完工", ""),
			of(limitShare, "bands.direct", "直接转村（社区）的金额", "元，不超过它"), of(limitShare, "bands.joint", "要开联席会的金额", "元，超过它"),
			of(limitWays, "match.order", "要钱要物的，依次找", ""), of(limitWays, "match.service", "要人陪、要人帮手的，依次找", ""), of(limitWays, "match.ahead", "急的可以先用", ""),
			of(limitRoles, "match.skip", "谁能跳过一步", "要写理由"), of(limitRoles, "match.publish", "谁能公开心愿", "")}},
		{"社会认领", []limitBlank{span("claim.confirm", "认领后多久要确认", "不确认就放回"), span("claim.ask", "没人认领，多久后问爱心资源库", ""),
			span("claim.wait", "没人认领，多久后转政府", "从公开算"), span("claim.deliver", "确认后多久要送到", ""), num("claim.most", "一人最多同时认领几件", "")}},
		{"提醒和督办", []limitBlank{span("warn", "到期前提醒", ""), of(limitShare, "yellow", "黄灯", "用掉了期限的几成，0.7 是七成"), span("press", "逾期多久催办", ""), span("report", "逾期多久通报", "")}},
		{"延期、重办和归档", []limitBlank{span("extend", "12345 一次最多延", ""), num("extends", "能延几次", ""), num("redos", "能重办几次", ""),
			span("reopen", "办结后多久之内能要求重办", ""), span("archive", "办结后没有回音，多久归档", "")}},
		{"办公时间", []limitBlank{of(limitTime, "opens", "开始", "工作小时从这里数"), of(limitTime, "closes", "结束", "")}},
		{"合并和突发", []limitBlank{of(limitShare, "near", "多近算同一个地方", "米"), span("link", "多久以内的算同一件", ""),
			span("surge.window", "突发：看多长时间", ""), num("surge.least", "突发：至少几件", "同一类、同一镇街"), of(limitShare, "surge.times", "突发：平常的几倍", "")}},
	}
}

// limitChoice is one of several that a limit can be.
type limitChoice struct{ Key, Label string }

// limitUnits are the units of spans with their names.
func limitUnits() []limitChoice {
	return []limitChoice{{"m", "分钟"}, {"h", "小时"}, {"d", "天"}, {"mo", "个月"}, {"wh", "工作小时"}, {"wd", "工作日"}}
}

// limitWayNames and limitRoleNames are what lists are chosen from.
func limitWayNames() []limitChoice {
	var out []limitChoice
	for _, w := range []ticket.Way{ticket.WayPolicy, ticket.WayFund, ticket.WayClaim} {
		out = append(out, limitChoice{string(w), w.Title()})
	}
	return out
}

func limitRoleNames() []limitChoice {
	return []limitChoice{{string(ticket.RoleCentre), "12345 中心"}, {string(ticket.RoleTown), "镇街"}, {string(ticket.RoleVillage), "村（社区）"},
		{string(ticket.RoleSocial), "社工"}, {string(ticket.RoleDepartment), "部门"}}
}

// limitWords are the functions of the page's template.
func limitWords() template.FuncMap {
	return template.FuncMap{
		"units": limitUnits, "ways": limitWayNames, "roles": limitRoleNames,
		"seen":  seenAs,
		"steps": func() []int { return []int{0, 1, 2} },
		"inc":   func(n int) int { return n + 1 },
		"nth":   func(all []string, i int, v string) bool { return i < len(all) && all[i] == v },
		"among": func(all []string, v string) bool { return slices.Contains(all, v) },
	}
}

// limitTree is limits as they are kept, by the names of their parts.
type limitTree map[string]any

func treeOf(l ticket.Limits) (limitTree, error) {
	raw, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encode limits: %w", err)
	}
	tree := limitTree{}
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("decode limits: %w", err)
	}
	return tree, nil
}

// limits are the limits of a tree.
func (t limitTree) limits() (ticket.Limits, error) {
	raw, err := json.Marshal(t)
	var l ticket.Limits
	if err == nil {
		err = json.Unmarshal(raw, &l)
	}
	return l, err
}

// at is the part of the tree a key's last name stands in, and that name.
func (t limitTree) at(key string) (map[string]any, string) {
	if group, name, nested := strings.Cut(key, "."); nested {
		in, _ := t[group].(map[string]any)
		return in, name
	}
	return t, key
}

// filled are the groups with what stands in the tree.
func (t limitTree) filled() []limitGroup {
	groups := limitGroups()
	for _, g := range groups {
		for i := range g.Blanks {
			b := &g.Blanks[i]
			in, name := t.at(b.Key)
			switch v := in[name].(type) {
			case string:
				b.Value = v
				if b.Kind == limitSpan {
					if s, err := ticket.ParseSpan(v); err == nil {
						b.Value, b.Unit = strconv.Itoa(s.N), string(s.Unit)
					}
				}
			case float64:
				b.Value = strconv.FormatFloat(v, 'f', -1, 64)
			case []any:
				for _, x := range v {
					b.Many = append(b.Many, fmt.Sprint(x))
				}
			}
		}
	}
	return groups
}

// takeTyped puts what was typed into the groups; what was not sent stays.
func takeTyped(groups []limitGroup, form url.Values) {
	for _, g := range groups {
		for i := range g.Blanks {
			b := &g.Blanks[i]
			if !form.Has(b.Key) && !form.Has(b.Key+".sent") {
				continue
			}
			switch b.Kind {
			case limitWays, limitRoles:
				b.Many = slices.DeleteFunc(slices.Clone(form[b.Key]), func(v string) bool { return v == "" })
			case limitSpan:
				b.Value, b.Unit = strings.TrimSpace(form.Get(b.Key)), form.Get(b.Key+".unit")
			default:
				b.Value = strings.TrimSpace(form.Get(b.Key))
			}
		}
	}
}

// put writes the groups into the tree; fault says what cannot be read.
func (t limitTree) put(groups []limitGroup) (fault string) {
	for _, g := range groups {
		for _, b := range g.Blanks {
			in, name := t.at(b.Key)
			n, whole := strconv.Atoi(b.Value)
			part, number := strconv.ParseFloat(b.Value, 64)
			switch b.Kind {
			case limitSpan:
				s, err := ticket.ParseSpan(b.Value + b.Unit)
				if whole != nil || err != nil || s.N < 1 {
					return "“" + b.Title + "”要写成整数，1 到 10000。"
				}
				in[name] = s.String()
			case limitNum:
				if whole != nil || n < 0 || n > 10_000 {
					return "“" + b.Title + "”要写成整数，0 到 10000。"
				}
				in[name] = n
			case limitShare:
				if number != nil || part <= 0 || part > 1e9 {
					return "“" + b.Title + "”要写成大于 0 的数。"
				}
				in[name] = part
			case limitTime:
				in[name] = b.Value
			default:
				in[name] = append([]string{}, b.Many...)
			}
		}
	}
	return ""
}

// shown is a limit in words.
func (b limitBlank) shown() string {
	name := func(all []limitChoice) string {
		var out []string
		for _, v := range b.Many {
			if i := slices.IndexFunc(all, func(t limitChoice) bool { return t.Key == v }); i >= 0 {
				out = append(out, all[i].Label)
			}
		}
		if len(out) == 0 {
			return "没有"
		}
		return strings.Join(out, "、")
	}
	switch b.Kind {
	case limitSpan:
		if s, err := ticket.ParseSpan(b.Value + b.Unit); err == nil {
			return s.Title()
		}
	case limitWays:
		return name(limitWayNames())
	case limitRoles:
		return name(limitRoleNames())
	}
	return b.Value
}

// changed are the limits that differ.
func changed(was, now []limitGroup) []limitChange {
	var out []limitChange
	for i, g := range was {
		for j, b := range g.Blanks {
			if before, after := b.shown(), now[i].Blanks[j].shown(); before != after {
				out = append(out, limitChange{g.Title + "：" + b.Title, before, after})
			}
		}
	}
	return out
}

// seenAs names changes, so that a yes is to those that were shown and not to what
// was typed after them.
func seenAs(all []limitChange) string {
	sum := sha256.Sum256(fmt.Append(nil, all))
	return hex.EncodeToString(sum[:8])
}

// workLimits shows the limits of the life cycle; an administrator changes them,
// after having seen what would be another.
func (d *Desk) workLimits(w http.ResponseWriter, r *http.Request, who Account) {
	tree, err := treeOf(d.Work.Tickets.TicketRules().Limits)
	if err != nil {
		d.fail(w, "show limits", err)
		return
	}
	v := limitsView{Change: who.Role == "administrator", Groups: tree.filled()}
	if r.Method != http.MethodPost {
		if r.FormValue("told") == "saved" {
			v.Said = "改好了，以后登记和办理的按新的算。"
		}
		d.workShow(w, http.StatusOK, "work-limits.html", "时限", who, v)
		return
	}
	if !v.Change {
		d.workSay(w, http.StatusForbidden, who, "时限由管理员修改。")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		d.workSay(w, http.StatusBadRequest, who, "没有读到填的内容，请再试一次。")
		return
	}
	was := tree.filled()
	takeTyped(v.Groups, r.PostForm)
	limits, fault := tree.read(v.Groups)
	if fault != "" {
		v.Error = fault
		d.workShow(w, http.StatusUnprocessableEntity, "work-limits.html", "时限", who, v)
		return
	}
	v.Changes, v.Asked = changed(was, v.Groups), true
	if len(v.Changes) == 0 || r.PostForm.Get("sure") != "yes" || r.PostForm.Get("seen") != seenAs(v.Changes) {
		d.workShow(w, http.StatusOK, "work-limits.html", "时限", who, v)
		return
	}
	if !d.audit(w, r, who.Name, "change limits", "limits") {
		return
	}
	if err := d.Work.Tickets.SaveLimits(r.Context(), limits, who.Name, d.Clock()); err != nil {
		d.fail(w, "save limits", err)
		return
	}
	http.Redirect(w, r, "/desk/work/limits?told=saved", http.StatusSeeOther)
}

// read makes limits of what was typed, or says what is wrong.
func (t limitTree) read(groups []limitGroup) (ticket.Limits, string) {
	if fault := t.put(groups); fault != "" {
		return ticket.Limits{}, fault
	}
	limits, err := t.limits()
	if err == nil {
		err = limits.Check()
	}
	if err != nil {
		return limits, "不合理：结束要晚于开始，联席会的金额要大于直接转村的，黄灯在 0 和 1 之间，突发至少 2 件，每人至少能认领 1 件；依次找的每步只写一次，能跳过、能公开的至少各有一家。"
	}
	return limits, ""
}
