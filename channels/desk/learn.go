package desk

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
)

// Learner is what the bot learns from people by.
type Learner interface {
	Lessons(ctx context.Context, status bot.LessonStatus, limit int) ([]bot.Lesson, error)
	// Decide accepts or rejects; ErrNoLesson where there is nothing to decide.
	Decide(ctx context.Context, id int64, v bot.Verdict) error
	// Relabel proposes that a citizen's words ask for an intent.
	Relabel(ctx context.Context, citizen bot.CitizenID, operator, words string, intent bot.Intent) error
	// Relearn takes up what was accepted, if the bot then understands no
	// worse, and says in a sentence what came of it. It takes seconds.
	Relearn(ctx context.Context, by string) (string, error)
}

// ErrNoLesson means that there is no lesson of a number to decide, or that it
// names no intent.
var ErrNoLesson = errors.New("no such lesson to decide")

const (
	mostLessons = 200 // shown at once
	mostExample = 120 // characters of an example
	mostLines   = 60  // of a conversation to choose words from
)

// learnRoutes are the pages of what the bot learns from people.
func (d *Desk) learnRoutes(mux *http.ServeMux) {
	if d.Learn == nil {
		return
	}
	mux.HandleFunc("GET /desk/learn", d.overseeing(d.lessons))
	mux.HandleFunc("POST /desk/learn", d.overseeing(d.relearn))
	mux.HandleFunc("POST /desk/learn/{id}", d.overseeing(d.verdict))
	mux.HandleFunc("GET /desk/learn/conversation/{citizen}", d.talking(d.relabelPage))
	mux.HandleFunc("POST /desk/learn/conversation/{citizen}", d.talking(d.relabel))
}

// choice is an intent to choose.
type choice struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// intentChoices are the intents words may be said to ask for.
func intentChoices() []choice {
	titles := map[bot.Intent]string{bot.Greet: "问候", bot.Thank: "道谢", bot.Goodbye: "道别", bot.OutOfScope: "不归我们办"}
	var out []choice
	for _, i := range bot.Intents() {
		title := i.Title()
		if t := titles[i]; t != "" {
			title = t
		}
		out = append(out, choice{string(i), title})
	}
	return out
}

func titleOf(i bot.Intent) string {
	for _, c := range intentChoices() {
		if c.ID == string(i) {
			return c.Title
		}
	}
	return "未定"
}

// shownLesson is a lesson on the page.
type shownLesson struct {
	bot.Lesson
	WasTitle, Title string
}

// lessons shows what waits to be looked at and what waits to be taken up.
func (d *Desk) lessons(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	d.showLessons(w, r, who, http.StatusOK, "", "")
}

func (d *Desk) showLessons(w http.ResponseWriter, r *http.Request, who Account, status int, told, fault string) {
	page := map[string]any{"Name": who.Name, "Told": told, "Fault": fault, "Intents": intentChoices()}
	for key, of := range map[string]bot.LessonStatus{"Open": bot.LessonOpen, "Accepted": bot.LessonAccepted} {
		list, err := d.Learn.Lessons(r.Context(), of, mostLessons)
		if err != nil {
			d.fail(w, "list lessons", err)
			return
		}
		var shown []shownLesson
		for _, l := range list {
			shown = append(shown, shownLesson{l, titleOf(l.Was), titleOf(l.Intent)})
		}
		page[key] = shown
	}
	d.render(w, status, "learn.html", page)
}

// verdict accepts, with other words or another intent if told, or rejects.
func (d *Desk) verdict(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || r.ParseForm() != nil {
		d.showLessons(w, r, who, http.StatusBadRequest, "", "填写的内容不对。")
		return
	}
	v := bot.Verdict{
		Accept: r.PostFormValue("verdict") == "accept", By: who.Name, At: d.Clock(),
		Intent: bot.Intent(r.PostFormValue("intent")), Text: strings.TrimSpace(r.PostFormValue("text")),
	}
	n := utf8.RuneCountInString(v.Text)
	if v.Accept && (!knownIntent(v.Intent) || n < 2 || n > mostExample) {
		d.showLessons(w, r, who, http.StatusBadRequest, "", "采纳前请选好意图，句子 2 到 "+strconv.Itoa(mostExample)+" 字。")
		return
	}
	if !d.audit(w, r, who.Name, "decide_lesson", strconv.FormatInt(id, 10)) {
		return
	}
	d.used(r)
	switch err := d.Learn.Decide(r.Context(), id, v); {
	case errors.Is(err, ErrNoLesson):
		d.showLessons(w, r, who, http.StatusConflict, "", "这一条已经有人处理过了。")
	case err != nil:
		d.fail(w, "decide lesson", err)
	default:
		http.Redirect(w, r, "/desk/learn", http.StatusSeeOther)
	}
}

func knownIntent(i bot.Intent) bool { return titleOf(i) != "未定" }

// relearn takes up what was accepted.
func (d *Desk) relearn(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	if !d.audit(w, r, who.Name, "relearn_intents", "") {
		return
	}
	told, err := d.Learn.Relearn(r.Context(), who.Name)
	if err != nil {
		d.Log.Error("relearn intents", "error", err)
		d.showLessons(w, r, who, http.StatusInternalServerError, "", "这次没学成，在用的没有动。")
		return
	}
	d.showLessons(w, r, who, http.StatusOK, told, "")
}

// relabelPage lets an operator say what a citizen's words asked for.
func (d *Desk) relabelPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.showRelabel(w, r, who, http.StatusOK, r.URL.Query().Has("done"), "")
}

func (d *Desk) showRelabel(w http.ResponseWriter, r *http.Request, who Account, status int, done bool, fault string) {
	id := bot.CitizenID(r.PathValue("citizen"))
	if _, ok := d.known(w, r, who, id); !ok {
		return
	}
	lines, err := d.citizenLines(r, id)
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	d.used(r)
	d.render(w, status, "relabel.html", map[string]any{"Name": who.Name, "Citizen": id, "Who": d.name(r.Context(), id),
		"Lines": lines, "Intents": intentChoices(), "Done": done, "Fault": fault})
}

// citizenLines are the citizen's own words of late.
func (d *Desk) citizenLines(r *http.Request, id bot.CitizenID) ([]bot.Line, error) {
	all, err := d.Records.Recent(r.Context(), id, mostLines)
	var out []bot.Line
	for _, l := range all {
		if l.Speaker == bot.SpeakerCitizen && utf8.RuneCountInString(l.Text) >= 2 {
			out = append(out, l)
		}
	}
	return out, err
}

// relabel keeps what the operator said.
func (d *Desk) relabel(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	id := bot.CitizenID(r.PathValue("citizen"))
	if _, ok := d.known(w, r, who, id); !ok {
		return
	}
	number, err := strconv.ParseInt(r.PostFormValue("line"), 10, 64)
	intent := bot.Intent(r.PostFormValue("intent"))
	if err != nil || !knownIntent(intent) {
		d.showRelabel(w, r, who, http.StatusBadRequest, false, "请选一句话和它的意图。")
		return
	}
	lines, err := d.citizenLines(r, id)
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	for _, l := range lines {
		if l.ID != number {
			continue
		}
		if !d.audit(w, r, who.Name, "relabel_words", string(id)) {
			return
		}
		err := d.Learn.Relabel(r.Context(), id, who.Name, l.Text, intent)
		switch {
		case errors.Is(err, bot.ErrNoExample):
			d.showRelabel(w, r, who, http.StatusBadRequest, false, "这句太短或太长，学不了。")
		case err != nil:
			d.fail(w, "relabel words", err)
		default:
			http.Redirect(w, r, "/desk/learn/conversation/"+string(id)+"?done", http.StatusSeeOther)
		}
		return
	}
	d.showRelabel(w, r, who, http.StatusNotFound, false, "没有找到这句话。")
}
