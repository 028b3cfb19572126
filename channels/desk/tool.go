package desk

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
)

// Bounds of what operators write down for themselves.
const (
	maxTitle = 30  // characters of a quick reply's title or a tag
	maxQuick = 500 // characters of a quick reply
	mostTags = 12  // of a conversation
)

// quick is a quick reply as the page has it.
type quick struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// quickReplies lists what operators write often: what they wrote down
// themselves, then ours.
func (d *Desk) quickReplies(w http.ResponseWriter, r *http.Request, _ Account) {
	own, err := d.Kit.QuickReplies(r.Context())
	if err != nil {
		d.fail(w, "list quick replies", err)
		return
	}
	out := []quick{}
	for _, v := range own {
		out = append(out, quick{v.ID, v.Title, v.Text})
	}
	answer(w, http.StatusOK, append(out, starters()...))
}

// starters are the quick replies a desk begins with; they have no id and are
// not changed.
func starters() []quick {
	return []quick{
		{"", "问好", "您好，我是{坐席}。前面的我都看到了，不用再讲一遍。"},
		{"", "请稍等", "我查一下，请等我两三分钟。"},
		{"", "要电话", "方便留一个手机号吗？办好了好通知您。"},
		{"", "要地点", "请告诉我是哪个镇街、哪条路，门牌或附近有什么也行。"},
		{"", "要照片", "能发一张照片吗？看得清楚，部门来得也快。"},
		{"", "已登记", "已经登记好了，有进展会在这里告诉您。"},
		{"", "转部门", "这件事要由负责的部门核实，我现在转过去，他们会联系您。"},
		{"", "核实过", "我和窗口核实过了："},
		{"", "道歉", "让您多跑一趟，很抱歉。接下来这样办："},
		{"", "还有别的吗", "还有别的要办吗？没有的话我就先结束，之后随时可以再找我们。"},
	}
}

// saveQuick writes a quick reply down, or changes one; an empty text takes it
// away. Only supervisors do it: everyone uses them.
func (d *Desk) saveQuick(w http.ResponseWriter, r *http.Request, who Account) {
	var v quick
	if !read(w, r, &v) {
		return
	}
	v.Title, v.Text = strings.TrimSpace(v.Title), strings.TrimSpace(strings.Map(printable, v.Text))
	var err error
	switch {
	case v.Text == "" && v.ID != "":
		err = d.Kit.DropQuickReply(r.Context(), v.ID)
	case v.Title == "" || v.Text == "" || utf8.RuneCountInString(v.Title) > maxTitle || utf8.RuneCountInString(v.Text) > maxQuick:
		refuse(w, http.StatusUnprocessableEntity, "标题不超过 30 字，内容不超过 500 字，都要写。")
		return
	default:
		v.ID, err = d.Kit.SaveQuickReply(r.Context(), bot.QuickReply{ID: v.ID, Title: v.Title, Text: v.Text, By: who.Name, At: d.Clock()})
	}
	if err != nil {
		d.fail(w, "save quick reply", err)
		return
	}
	answer(w, http.StatusOK, v)
}

// guides answers an operator's search of the service guides, with sources.
func (d *Desk) guides(w http.ResponseWriter, r *http.Request, _ Account) {
	words := strings.TrimSpace(r.URL.Query().Get("q"))
	if words == "" || utf8.RuneCountInString(words) > 200 || d.Guides == nil {
		answer(w, http.StatusOK, []Suggestion{})
		return
	}
	answer(w, http.StatusOK, d.Guides.Search(r.Context(), words, nil))
}

// tag marks a conversation, or takes a mark away.
func (d *Desk) tag(w http.ResponseWriter, r *http.Request, who Account) {
	var v struct {
		Name string `json:"name"`
		Off  bool   `json:"off"`
	}
	if !read(w, r, &v) {
		return
	}
	id := bot.CitizenID(r.PathValue("citizen"))
	if _, ok := d.known(w, r, who, id); !ok {
		return
	}
	v.Name = strings.TrimSpace(strings.Map(printable, v.Name))
	if v.Name == "" || utf8.RuneCountInString(v.Name) > maxTitle || strings.ContainsAny(v.Name, "\n\t") {
		refuse(w, http.StatusUnprocessableEntity, "标签要有 1 到 30 个字。")
		return
	}
	if masked(v.Name) != v.Name {
		refuse(w, http.StatusUnprocessableEntity, "标签里不要写电话或证件号，请写在备注里。")
		return
	}
	tags, err := d.Kit.Tags(r.Context(), id)
	if err == nil && !v.Off && len(tags) >= mostTags && !slices.Contains(tags, v.Name) {
		refuse(w, http.StatusConflict, "一个会话最多 12 个标签。")
		return
	}
	if err == nil {
		err = d.Kit.Tag(r.Context(), id, v.Name, who.Name, !v.Off, d.Clock())
	}
	if err != nil {
		d.fail(w, "tag conversation", err)
		return
	}
	answer(w, http.StatusOK, map[string]bool{"ok": true})
}

// colleagues lists who is at a desk and can be passed a conversation.
func (d *Desk) colleagues(w http.ResponseWriter, r *http.Request, who Account) {
	now := d.Clock()
	names, err := d.Records.Present(r.Context(), now.Add(-SessionLife), now.Add(-SessionIdle))
	if err != nil {
		d.fail(w, "list colleagues", err)
		return
	}
	groups, elsewhere := []string{}, map[string]bool{}
	if d.Roster != nil {
		all, err := d.Roster.Operators(r.Context(), now)
		if err != nil {
			d.fail(w, "list groups", err)
			return
		}
		for _, o := range all {
			groups = append(groups, o.Groups...)
			elsewhere[o.Name] = o.Town != "" && !who.covers(o.Town)
		}
		slices.Sort(groups)
	}
	answer(w, http.StatusOK, map[string]any{
		"people": slices.DeleteFunc(append([]string{}, names...), func(n string) bool { return n == who.Name || elsewhere[n] }),
		"groups": slices.Compact(groups), "towns": d.townList(),
	})
}

// townList are the towns by name.
func (d *Desk) townList() []choice {
	out := []choice{}
	for id, name := range d.Towns {
		out = append(out, choice{id, name})
	}
	slices.SortFunc(out, func(a, b choice) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// read reads a small JSON object.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, "内容格式不对。")
		return false
	}
	return true
}
