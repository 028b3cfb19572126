package desk

import (
	"context"
	"errors"
	"net/http"
	"strconv"
)

// Library is the guides as those who keep them see and change them.
type Library interface {
	// Shelves lists guides that fit the words, all of them for none.
	Shelves(words string) []LibraryRow
	// Open finds a guide with its form, previews, findings and versions.
	Open(ctx context.Context, id string) (LibraryGuide, bool, error)
	// Preview is a guide as it would be told, with what is wrong with it.
	Preview(id string, values map[string]string) (LibraryGuide, bool)
	// Save keeps an edited guide as its next version; ErrChanged when somebody
	// was quicker, ErrUnusable with a sentence when it cannot be kept.
	Save(ctx context.Context, id string, values map[string]string, over int, by, note string) error
	// Create begins a guide as a draft, which answers nobody yet; ErrUnusable with
	// a sentence when it cannot be kept under that id.
	Create(ctx context.Context, id, title, by string) error
	// Restore puts an earlier version in force again.
	Restore(ctx context.Context, id string, version, over int, by string) error
	// Examine says what a file of guides holds, its columns being what keys says
	// (none: what their headings say); ErrUnusable when it cannot be read.
	Examine(raw []byte, keys []string) (LibraryImport, error)
	// Import takes in what Examine said; with a problem, nothing.
	Import(ctx context.Context, raw []byte, keys []string, by, note string) (LibraryImport, error)
	// Sample is a table of guides as Import reads it, its heading first.
	Sample() [][]string
	// Try asks a question and says how it was understood.
	Try(question string) LibraryTry
	// Gaps are what citizens asked lately and were not told.
	Gaps(ctx context.Context) ([]LibraryGap, error)
	// Lacks are what the guides do not have, asked for or not.
	Lacks() []LibraryLack
}

// ErrChanged means that a guide was changed in between.
var ErrChanged = errors.New("changed in between")

// ErrUnusable carries a sentence for the one who wrote.
type ErrUnusable struct{ Sentence string }

// Error is the sentence.
func (e ErrUnusable) Error() string { return e.Sentence }

// LibraryRow is a guide in the list.
type LibraryRow struct {
	ID, Title, State string
	Version          int
}

// LibraryBlank is a line of the form.
type LibraryBlank struct {
	Key, Label, Hint string
	Lines            bool
	Value            string
	Choices          []LibraryTarget // what may stand there, where not anything may
}

// LibraryPreview is how a channel tells the guide.
type LibraryPreview struct{ Channel, Text string }

// LibraryVersion is one version and what it changed.
type LibraryVersion struct {
	Version      int
	At, By, Note string
	Changes      []LibraryChange
	Restorable   bool
}

// LibraryChange is one key with its values before and after.
type LibraryChange struct {
	Key           string
	Before, After []string
}

// LibraryGuide is a guide with all the page shows of it.
type LibraryGuide struct {
	ID, Title string
	Version   int
	Blanks    []LibraryBlank
	Previews  []LibraryPreview
	Findings  []string
	Sources   []LibrarySource
	Versions  []LibraryVersion
}

// LibraryTry is a question with its answer and why it is that.
type LibraryTry struct {
	Question, Read, Matter, Fields, Band, Why, Answer, Spoken, Source string
	Ranked                                                            []LibraryRank
}

// LibraryRank is a candidate with what speaks for it, in percent.
type LibraryRank struct {
	ID, Title, Says                          string
	Sure, Fit, Covered, Named, Held, Likened int
}

// LibraryGap is what was asked in like words, and why it was not told.
type LibraryGap struct {
	Words, Reason, Guide, Title, Field, Propose, Last string
	Blank                                             string // of the form, where what is missing is written
	N                                                 int
	Others                                            []string
}

// LibraryLack is something that guides do not have, with those that do not.
type LibraryLack struct {
	Title  string
	Guides []LibraryRow
}

// LibrarySource is where a guide's facts are from.
type LibrarySource struct{ Title, URL, Fetched, Digest string }

// routesOfKnowledge adds the pages of the guides.
func (d *Desk) routesOfKnowledge(mux *http.ServeMux) {
	if d.Library == nil {
		return
	}
	mux.HandleFunc("GET /knowledge", d.overseeing(d.knowledge))
	mux.HandleFunc("GET /knowledge/import", d.administrating(d.importGuidesPage))
	mux.HandleFunc("POST /knowledge/import", d.administrating(d.importGuides))
	mux.HandleFunc("GET /knowledge/sample.xlsx", d.administrating(d.sampleOfGuides))
	mux.HandleFunc("GET /knowledge/new", d.administrating(d.newGuidePage))
	mux.HandleFunc("POST /knowledge/new", d.administrating(d.newGuide))
	mux.HandleFunc("GET /knowledge/{id}", d.overseeing(d.knowledgeGuide))
	mux.HandleFunc("POST /knowledge/{id}", d.overseeing(d.saveKnowledge))
	mux.HandleFunc("POST /knowledge/{id}/restore", d.overseeing(d.restoreKnowledge))
}

// knowledgeView is what the page shows.
type knowledgeView struct {
	Name, Words, Told, Error string
	May                      bool
	Rows                     []LibraryRow
	Try                      *LibraryTry
	Gaps                     []LibraryGap
	Lacks                    []LibraryLack
	Guide                    *LibraryGuide
	Note                     string
}

// knowledge lists guides, tries a question and shows the gaps.
func (d *Desk) knowledge(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	v := knowledgeView{Name: who.Name, Words: clipped(r.FormValue("words"), 100), May: mayEdit(who)}
	v.Rows = d.Library.Shelves(v.Words)
	if q := clipped(r.FormValue("try"), 200); q != "" {
		try := d.Library.Try(q)
		v.Try = &try
	}
	v.Lacks = d.Library.Lacks()
	var err error
	if v.Gaps, err = d.Library.Gaps(r.Context()); err != nil {
		d.fail(w, "read gaps", err)
		return
	}
	d.render(w, http.StatusOK, "knowledge.html", v)
}

func mayEdit(who Account) bool { return who.Role == roleAdministrator }

func clipped(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// knowledgeGuide shows a guide with its form.
func (d *Desk) knowledgeGuide(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	v, alias := knowledgeView{Told: toldOf(r.FormValue("told"))}, clipped(r.FormValue("alias"), 30)
	if alias != "" {
		v.Told = "“" + alias + "”已写进别名，还没有存。看过“各渠道会怎么说”再存。"
		v.Note = "市民这样问过"
	}
	d.showGuide(w, r, who, http.StatusOK, v, alias)
}

func toldOf(key string) string {
	switch key {
	case "created":
		return "建好了，还是草稿，市民问不到。写好、看过“各渠道会怎么说”，把“状态”改成“在用”再存，就开始用。"
	case "draft":
		return "存好了，还是草稿，市民问不到。"
	case "saved":
		return "存好了，市民马上就能问到。"
	case "restored":
		return "退回好了，是新的一版。"
	}
	return ""
}

// showGuide renders the page of a guide; alias, if any, is added to its form.
func (d *Desk) showGuide(w http.ResponseWriter, r *http.Request, who Account, status int, v knowledgeView, alias string) {
	g, ok, err := d.Library.Open(r.Context(), r.PathValue("id"))
	if err != nil {
		d.fail(w, "open guide", err)
		return
	}
	if !ok {
		refuse(w, http.StatusNotFound, "没有这条指南。")
		return
	}
	for i := range g.Blanks {
		if g.Blanks[i].Key == "aliases" && alias != "" {
			g.Blanks[i].Value += "\n" + alias
		}
	}
	v.Name, v.May, v.Guide = who.Name, mayEdit(who), &g
	d.render(w, status, "knowledge.html", v)
}

// saveKnowledge previews or keeps what was written. What was typed is never
// lost: when it cannot be kept, it is shown again with the reason.
func (d *Desk) saveKnowledge(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	over, err := strconv.Atoi(r.FormValue("version"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "少了版本号，请刷新页面。")
		return
	}
	id, values := r.PathValue("id"), map[string]string{}
	for key := range r.PostForm {
		values[key] = r.PostForm.Get(key)
	}
	if r.PostFormValue("deed") == "preview" {
		d.typed(w, r, who, http.StatusOK, id, values, over, "")
		return
	}
	if !mayEdit(who) {
		refuse(w, http.StatusForbidden, "只有管理员能改指南。")
		return
	}
	var unusable ErrUnusable
	switch err := d.Library.Save(r.Context(), id, values, over, who.Name, clipped(r.PostFormValue("note"), 100)); {
	case errors.Is(err, ErrChanged):
		d.typed(w, r, who, http.StatusConflict, id, values, over, "有人在您之前改了这条指南。您写的还在下面，请对照“版本”再存。")
	case errors.As(err, &unusable):
		d.typed(w, r, who, http.StatusUnprocessableEntity, id, values, over, unusable.Sentence)
	case err != nil:
		d.fail(w, "save guide", err)
	default:
		told := "saved"
		if values["status"] == "draft" {
			told = "draft"
		}
		http.Redirect(w, r, "/knowledge/"+id+"?told="+told, http.StatusSeeOther)
	}
}

// typed shows what was written, as it would be told.
func (d *Desk) typed(w http.ResponseWriter, r *http.Request, who Account, status int, id string, values map[string]string, over int, problem string) {
	g, ok := d.Library.Preview(id, values)
	if !ok {
		refuse(w, http.StatusNotFound, "没有这条指南。")
		return
	}
	if now, _, err := d.Library.Open(r.Context(), id); err == nil {
		g.Versions = now.Versions
		if status == http.StatusConflict { // the next try is over what is there now
			over = now.Version
		}
	}
	g.Version = over
	told := ""
	if problem == "" {
		told = "这是预览，还没有存。"
	}
	d.render(w, status, "knowledge.html", knowledgeView{Name: who.Name, May: mayEdit(who), Guide: &g, Error: problem, Told: told, Note: values["note"]})
}

// restoreKnowledge puts an earlier version in force.
func (d *Desk) restoreKnowledge(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	if !mayEdit(who) {
		refuse(w, http.StatusForbidden, "只有管理员能改指南。")
		return
	}
	to, err1 := strconv.Atoi(r.FormValue("to"))
	over, err2 := strconv.Atoi(r.FormValue("version"))
	if err1 != nil || err2 != nil {
		refuse(w, http.StatusBadRequest, "少了版本号，请刷新页面。")
		return
	}
	id := r.PathValue("id")
	switch err := d.Library.Restore(r.Context(), id, to, over, who.Name); {
	case errors.Is(err, ErrChanged):
		d.showGuide(w, r, who, http.StatusConflict, knowledgeView{Error: "有人在您之前改了这条指南，请看过“版本”再退回。"}, "")
	case err != nil:
		d.fail(w, "restore guide", err)
	default:
		http.Redirect(w, r, "/knowledge/"+id+"?told=restored", http.StatusSeeOther)
	}
}
