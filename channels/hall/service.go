package hall

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"guanjia/bot/booking"
)

// mostServices are shown at once.
const mostServices = 60

// catalogue is the page of services.
type catalogue struct {
	Who   Clerk
	Words string
	Found []serviceRow
	More  int
	Said  string
	Wrong string
}

// serviceRow is a service in the list.
type serviceRow struct {
	booking.Service
	Own bool // it has rules of its own
}

func (p *Pages) servicesPage(w http.ResponseWriter, r *http.Request, who Clerk) {
	services, err := p.Ledger.Services(r.Context())
	if err != nil {
		p.failed(w, "list services", err)
		return
	}
	own := p.Ledger.RuleBook().Own
	v := catalogue{Who: who, Words: strings.TrimSpace(r.URL.Query().Get("q"))}
	v.Said, v.Wrong = p.told(w, r)
	for _, s := range services {
		if v.Words == "" || s.ID == v.Words || strings.Contains(strings.Join(append(s.Aliases, s.Title), "\n"), v.Words) {
			v.Found = append(v.Found, serviceRow{s, own[s.ID] != nil})
		}
	}
	slices.SortStableFunc(v.Found, func(a, b serviceRow) int { return cmp.Compare(before(b.Own), before(a.Own)) })
	if len(v.Found) > mostServices {
		v.More = len(v.Found) - mostServices
		v.Found = v.Found[:mostServices]
	}
	p.render(w, http.StatusOK, "services.html", v)
}

func before(b bool) int {
	if b {
		return 1
	}
	return 0
}

// serving is the page of one service: where it is offered and its own rules.
type serving struct {
	Who         Clerk
	Service     booking.Service
	Halls       []offerRow
	All         bool // offered at every hall
	Fields      []ruleField
	Changes     []ruleChange
	Reason      string
	Said, Wrong string
}

// offerRow is a hall and whether the service is offered there.
type offerRow struct {
	booking.Hall
	Offered bool
}

func servicePath(id string) string { return "/hall/services/" + url.PathEscape(id) + "/edit" }

// serviceOf reads the service a page is about.
func (p *Pages) serviceOf(w http.ResponseWriter, r *http.Request, who Clerk) (serving, bool) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return serving{}, false
	}
	at := slices.IndexFunc(plan.Services, func(s booking.Service) bool { return s.ID == r.PathValue("service") })
	if at < 0 {
		p.trouble(w, http.StatusNotFound, "没有这项业务", "/hall/services")
		return serving{}, false
	}
	v := serving{Who: who, Service: plan.Services[at], All: true}
	group := cmp.Or(v.Service.Group, v.Service.ID)
	offered := map[string]bool{}
	for _, o := range plan.Offers {
		if o.Group == group {
			offered[o.Hall], v.All = true, false
		}
	}
	for _, h := range plan.Halls {
		v.Halls = append(v.Halls, offerRow{h, offered[h.ID] || v.All})
	}
	v.Fields = fieldsOf(p.Ledger.RulesFor(v.Service.ID))
	return v, true
}

func (p *Pages) servicePage(w http.ResponseWriter, r *http.Request, who Clerk) {
	v, ok := p.serviceOf(w, r, who)
	if !ok {
		return
	}
	v.Said, v.Wrong = p.told(w, r)
	p.render(w, http.StatusOK, "service.html", v)
}

const (
	longestTitle = 200 // of a service, in characters
	mostAliases  = 20
	badAliases   = "别名最多 20 个，每个 2 到 40 字，用顿号或逗号分开。"
)

// AliasesFrom reads what people also call a service.
func AliasesFrom(text string) []string {
	var all []string
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,；;\n\r", r) }) {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// sound says whether other names can be recognised in what people say.
func sound(aliases []string) bool {
	return len(aliases) <= mostAliases && !slices.ContainsFunc(aliases, func(name string) bool { n := len([]rune(name)); return n < 2 || n > 40 })
}

// changeService changes a service's names, where it is offered, by whom and how
// long it takes.
func (p *Pages) changeService(w http.ResponseWriter, r *http.Request, who Clerk) {
	v, ok := p.serviceOf(w, r, who)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		p.refuse(w, r, servicePath(v.Service.ID), "填写的内容太长。")
		return
	}
	minutes, err := strconv.Atoi(cmp.Or(strings.TrimSpace(r.PostFormValue("minutes")), "0"))
	s := v.Service
	s.Title, s.Aliases = strings.TrimSpace(r.PostFormValue("title")), AliasesFrom(r.PostFormValue("aliases"))
	s.Department, s.Minutes = strings.TrimSpace(r.PostFormValue("department")), minutes
	switch {
	case err != nil || minutes < 0 || minutes > 480 || len([]rune(s.Department)) > 80:
		p.refuse(w, r, servicePath(s.ID), "平均办理分钟是 0 到 480 的整数，0 为不知道；部门不超过 80 字。")
		return
	case s.Title == "" || len([]rune(s.Title)) > longestTitle:
		p.refuse(w, r, servicePath(s.ID), "业务要有名称，不超过 200 字。")
		return
	case !sound(s.Aliases):
		p.refuse(w, r, servicePath(s.ID), badAliases)
		return
	}
	var halls, names []string
	for _, h := range v.Halls {
		if slices.Contains(r.PostForm["hall"], h.ID) {
			halls, names = append(halls, h.ID), append(names, h.Name)
		}
	}
	where := fmt.Sprintf("%d 个大厅：%s", len(names), strings.Join(names, "、"))
	switch len(halls) {
	case 0:
		p.refuse(w, r, servicePath(s.ID), "至少要有一个大厅办理。")
		return
	case len(v.Halls):
		halls, where = nil, "全部大厅"
	}
	p.make(w, r, proposed{Who: who, Title: "改业务：" + v.Service.Title, Back: servicePath(s.ID), Facts: []fact{{"名称", s.Title}, {"别名", strings.Join(s.Aliases, "、")}, {"部门", s.Department},
		{"平均办理", strconv.Itoa(s.Minutes) + " 分钟"}, {"在哪里办", where}}},
		booking.Change{Service: &s, Halls: halls}, "业务改好了：新开的大厅马上放号，不办的从之后放的号起。")
}

// serviceRules shows what a service's own rules would change, and changes them
// when it is meant.
func (p *Pages) serviceRules(w http.ResponseWriter, r *http.Request, who Clerk) {
	v, ok := p.serviceOf(w, r, who)
	if !ok {
		return
	}
	book, now := p.Ledger.RuleBook(), p.Ledger.RulesFor(v.Service.ID)
	v.Reason = strings.TrimSpace(r.PostFormValue("reason"))
	wanted, err := rulesFrom(r.PostFormValue, now)
	v.Fields = fieldsOf(wanted)
	own := maps.Clone(book.Own)
	if err == nil {
		own, err = ownRules(own, v.Service.ID, book.Default, wanted)
	}
	if err == nil {
		_, err = booking.NewRuleBook(book.Default, own)
	}
	if err != nil {
		v.Wrong = err.Error()
		p.render(w, http.StatusUnprocessableEntity, "service.html", v)
		return
	}
	v.Changes = changesOf(now, wanted)
	switch {
	case len(v.Changes) == 0:
		v.Said = "没有改动。"
	case r.PostFormValue("sure") != "yes":
	case v.Reason == "":
		v.Wrong = "请写明为什么改。"
	default:
		if _, err := p.Keeper.SaveRules(r.Context(), book.Default, own, who.Name, v.Reason); err != nil {
			p.failed(w, "save rules", err)
			return
		}
		p.tell(w, "这项业务的规则已经生效。", "")
		http.Redirect(w, r, servicePath(v.Service.ID), http.StatusSeeOther)
		return
	}
	p.render(w, http.StatusOK, "service.html", v)
}

// ownRules keeps of a service's rules what differs from those for all.
func ownRules(own map[string]json.RawMessage, service string, all, wanted booking.Rules) (map[string]json.RawMessage, error) {
	if own == nil {
		own = map[string]json.RawMessage{}
	}
	var base, want map[string]json.RawMessage
	for _, v := range []struct {
		rules booking.Rules
		into  *map[string]json.RawMessage
	}{{all, &base}, {wanted, &want}} {
		raw, err := json.Marshal(v.rules)
		if err == nil {
			err = json.Unmarshal(raw, v.into)
		}
		if err != nil {
			return nil, fmt.Errorf("encode rules: %w", err)
		}
	}
	maps.DeleteFunc(want, func(name string, v json.RawMessage) bool { return string(base[name]) == string(v) })
	delete(own, service)
	if len(want) > 0 {
		raw, err := json.Marshal(want)
		if err != nil {
			return nil, fmt.Errorf("encode rules: %w", err)
		}
		own[service] = raw
	}
	return own, nil
}
