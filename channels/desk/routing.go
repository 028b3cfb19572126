package desk

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/routing"
)

// Roster is who is asked to take which conversation.
type Roster interface {
	// Route extends the leases of who is connected, gives what others lost back
	// to its place, takes back offers nobody took, and makes new ones. Before
	// settled nothing is lost: pages that were cut off may still come back.
	Route(ctx context.Context, connected []string, settled bool) error
	Presence(ctx context.Context, name string, now time.Time) (routing.Presence, error)
	SetPresence(ctx context.Context, name string, state routing.Presence, now time.Time) error
	Operators(ctx context.Context, now time.Time) ([]routing.Operator, error)
	SaveOperator(ctx context.Context, name string, capacity int, skills routing.Skills) error
}

const (
	routePulse = 2 * time.Second
	routeLimit = 20 * time.Second
	warmAtOnce = 400 // gists read beside the pages, a pulse
)

// route makes offers whenever something changes, until the desk closes.
func (d *Desk) route() {
	began := d.Clock()
	pulse := time.NewTicker(routePulse)
	defer pulse.Stop()
	for {
		select {
		case <-d.streams.closing:
			return
		case <-d.poke:
		case <-pulse.C:
			d.warm()
		}
		ctx, end := context.WithTimeout(context.Background(), routeLimit)
		err := d.Roster.Route(ctx, d.streams.names(), d.Clock().Sub(began) > routing.LeaseTime)
		end()
		if err != nil {
			d.Log.Error("route conversations", "error", err)
		}
	}
}

// moves says whether a change may leave somebody to be asked.
func moves(k bot.ChangeKind) bool {
	return k == bot.ChangeQueued || k == bot.ChangeTaken || k == bot.ChangeClosed || k == bot.ChangePresence || k == bot.ChangeUrgent
}

// warm reads what a search of the whole queue will look at.
func (d *Desk) warm() {
	ctx, end := context.WithTimeout(context.Background(), routeLimit)
	defer end()
	line, err := d.board.read(ctx, d.Records)
	for i, n := 0, 0; err == nil && i < len(line) && n < warmAtOnce; i++ {
		if !d.gists.has(line[i].Citizen) {
			_, err = d.gistOf(ctx, line[i])
			n++
		}
	}
	if err != nil {
		d.Log.Error("read the queue", "error", err)
	}
}

// presence is an operator beginning to be asked, or ceasing.
func (d *Desk) presence(w http.ResponseWriter, r *http.Request, who Account) {
	var v struct {
		State routing.Presence `json:"state"`
	}
	if !read(w, r, &v) {
		return
	}
	if v.State != routing.On && v.State != routing.Away {
		refuse(w, http.StatusBadRequest, "没有这个状态。")
		return
	}
	d.used(r)
	if err := d.Roster.SetPresence(r.Context(), who.Name, v.State, d.Clock()); err != nil {
		d.fail(w, "set presence", err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"state": v.State})
}

// Bounds of what is set of an operator.
const (
	mostGroups = 12
	maxGroup   = 20 // characters of a group's name
)

// tick is a choice that may be ticked.
type tick struct {
	ID, Title string
	On        bool
}

// operators are those an account looks after: a town's supervisors its own,
// others everybody.
func (d *Desk) operators(ctx context.Context, who Account) ([]routing.Operator, error) {
	all, err := d.Roster.Operators(ctx, d.Clock())
	return slices.DeleteFunc(all, func(o routing.Operator) bool { return !who.covers(o.Town) }), err
}

// person is an operator on the page of people.
type person struct {
	routing.Operator
	State                 string
	Languages, Topics     []tick
	TownNames, GroupNames string
	Bound                 string // the name of the only town they see
}

func (d *Desk) peoplePage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	d.showPeople(w, r, who, http.StatusOK, "")
}

func (d *Desk) showPeople(w http.ResponseWriter, r *http.Request, who Account, status int, fault string) {
	all, err := d.operators(r.Context(), who)
	if err != nil {
		d.fail(w, "list operators", err)
		return
	}
	var people []person
	for _, o := range all {
		people = append(people, d.personOf(o))
	}
	d.render(w, status, "people.html", map[string]any{"Name": who.Name, "People": people, "Fault": fault, "Most": routing.MostCapacity})
}

func (d *Desk) personOf(o routing.Operator) person {
	p := person{Operator: o, State: map[routing.Presence]string{routing.On: "在接待", routing.Away: "暂离", routing.Off: "不在线"}[o.Presence]}
	for _, l := range []choice{{string(bot.Simplified), "普通话"}, {string(bot.Cantonese), "粤语"}, {string(bot.Traditional), "繁体"}, {string(bot.English), "英语"}} {
		p.Languages = append(p.Languages, tick{l.ID, l.Title, slices.Contains(o.Skills.Languages, bot.Language(l.ID))})
	}
	for _, t := range bot.Topics() {
		p.Topics = append(p.Topics, tick{string(t), t.Title(), slices.Contains(o.Skills.Topics, t)})
	}
	var towns []string
	for _, t := range o.Towns {
		towns = append(towns, d.Towns[t])
	}
	p.Bound = d.Towns[o.Town]
	p.TownNames, p.GroupNames = strings.Join(towns, "、"), strings.Join(o.Groups, "、")
	return p
}

// Asked is what somebody is asked for before others: empty where nothing is said.
func (p person) Asked() string {
	var out []string
	for _, t := range slices.Concat(p.Languages, p.Topics) {
		if t.On {
			out = append(out, t.Title)
		}
	}
	for _, words := range []string{p.TownNames, p.GroupNames} {
		if words != "" {
			out = append(out, words)
		}
	}
	if p.Telephone != "" {
		out = append(out, "分机 "+p.Telephone)
	}
	return strings.Join(out, "、")
}

// savePerson sets what an operator can be asked for.
func (d *Desk) savePerson(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		d.showPeople(w, r, who, http.StatusBadRequest, "填写的内容太长或格式不对。")
		return
	}
	all, err := d.operators(r.Context(), who)
	if err != nil {
		d.fail(w, "list operators", err)
		return
	}
	name := r.PathValue("name")
	if !slices.ContainsFunc(all, func(o routing.Operator) bool { return o.Name == name }) {
		refuse(w, http.StatusNotFound, "没有这个账号。")
		return
	}
	capacity, skills, fault := d.readSkills(r)
	if fault != "" {
		d.showPeople(w, r, who, http.StatusUnprocessableEntity, fault)
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditSkills, name) {
		return
	}
	if err := d.Roster.SaveOperator(r.Context(), name, capacity, skills); err != nil {
		d.fail(w, "save operator", err)
		return
	}
	http.Redirect(w, r, "/desk/people", http.StatusSeeOther)
}

func (d *Desk) readSkills(r *http.Request) (capacity int, s routing.Skills, fault string) {
	capacity, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue("capacity")))
	if err != nil || capacity < 1 || capacity > routing.MostCapacity {
		return 0, s, "同时接待的会话要写 1 到 " + strconv.Itoa(routing.MostCapacity) + " 之间的数。"
	}
	for _, l := range r.PostForm["language"] {
		s.Languages = append(s.Languages, bot.Language(l))
	}
	for _, t := range r.PostForm["topic"] {
		if !slices.Contains(bot.Topics(), bot.Intent(t)) {
			return 0, s, "没有这项业务。"
		}
		s.Topics = append(s.Topics, bot.Intent(t))
	}
	for _, name := range listed(r.PostFormValue("towns")) {
		id := ""
		for t, n := range d.Towns {
			if n == name || t == name {
				id = t
			}
		}
		if id == "" {
			return 0, s, "没有“" + name + "”这个镇街。"
		}
		s.Towns = append(s.Towns, id)
	}
	s.Groups = listed(r.PostFormValue("groups"))
	for _, g := range s.Groups {
		if utf8.RuneCountInString(g) > maxGroup || len(s.Groups) > mostGroups {
			return 0, s, "组名最多 20 字，最多 12 个组。"
		}
	}
	if s.Telephone = strings.TrimSpace(r.PostFormValue("telephone")); !extensionForm.MatchString(s.Telephone) {
		return 0, s, "电话分机只写数字，最多 12 位；不接电话就不写。"
	}
	return capacity, s, ""
}

// extensionForm is what an extension looks like: digits alone, so that what is
// rung is a telephone of our own exchange.
var extensionForm = regexp.MustCompile(`^[0-9]{0,12}$`)

// listed splits what was written as a list.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,;； \n\t", r) })
}
