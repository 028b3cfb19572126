package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
)

// Forms is how the form under way is filled in for a citizen, by the rules the
// bot goes by.
type Forms interface {
	Errands() []bot.Named
	Drafted(ctx context.Context, citizen bot.CitizenID) (bot.Draft, error)
	Amend(ctx context.Context, citizen bot.CitizenID, by bot.Holder, a bot.Amendment) (bot.Draft, error)
	ReadBack(ctx context.Context, citizen bot.CitizenID, by bot.Holder, key string) (bot.Draft, error)
	CarryOut(ctx context.Context, citizen bot.CitizenID, by bot.Holder, told string, yes bot.Consent, key string) (bot.Draft, error)
}

// draft is the form as the page shows it.
type draft struct {
	Flow    string   `json:"flow"`
	Name    string   `json:"name"`
	Fields  []field  `json:"fields"`
	Said    string   `json:"said"`
	Asks    string   `json:"asks"`
	Options []string `json:"options"`
	Told    string   `json:"told"`
	Shown   bool     `json:"shown"`
	Line    int64    `json:"line"`
	Spoken  bool     `json:"spoken"` // the citizen is on the telephone: a spoken yes counts
}

// field is one thing the form asks for.
type field struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Value    string `json:"value"`
	Optional bool   `json:"optional"`
}

func draftOf(v bot.Draft, channel bot.Channel) draft {
	out := draft{Flow: string(v.Flow), Name: v.Name, Fields: []field{}, Said: v.Said, Asks: v.Asks,
		Options: append([]string{}, v.Options...), Told: v.Told, Shown: v.Shown, Line: v.Line, Spoken: channel == bot.Hotline}
	for _, f := range v.Fields {
		out.Fields = append(out.Fields, field(f))
	}
	return out
}

// askedDraft is what the page sends with what is done to a form.
type askedDraft struct {
	Flow   string `json:"flow"`
	Drop   bool   `json:"drop"`
	Choice string `json:"choice"`
	Slot   string `json:"slot"`
	Words  string `json:"words"`
	Told   string `json:"told"`
	Line   int64  `json:"line"`
	Spoken string `json:"spoken"`
	Key    string `json:"key"`
	Fence  int64  `json:"fence"`
}

func (d *Desk) draftRoutes(mux *http.ServeMux) {
	if d.Forms == nil {
		return
	}
	mux.HandleFunc("GET /desk/errands", d.talking(d.errands))
	mux.HandleFunc("POST /desk/conversation/{citizen}/draft", d.talking(d.amend))
	mux.HandleFunc("POST /desk/conversation/{citizen}/draft/ask", d.talking(d.readBack))
	mux.HandleFunc("POST /desk/conversation/{citizen}/draft/carry", d.talking(d.carryOut))
}

// errands lists what can be filled in for a citizen.
func (d *Desk) errands(w http.ResponseWriter, _ *http.Request, _ Account) {
	out := []choice{}
	for _, e := range d.Forms.Errands() {
		out = append(out, choice{e.ID, e.Title})
	}
	answer(w, http.StatusOK, out)
}

// drafted adds the form under way to what a conversation shows.
func (d *Desk) drafted(ctx context.Context, conv bot.Conversation, body map[string]any) error {
	if d.Forms == nil || len(conv.Frames) == 0 {
		return nil
	}
	v, err := d.Forms.Drafted(ctx, conv.Citizen)
	if errors.Is(err, bot.ErrNoDraft) || errors.Is(err, bot.ErrNoAddress) {
		return nil
	}
	if err == nil {
		body["draft"] = draftOf(v, conv.Address.Channel)
	}
	return err
}

func (d *Desk) amend(w http.ResponseWriter, r *http.Request, who Account) {
	d.form(w, r, who, "", func(ctx context.Context, id bot.CitizenID, by bot.Holder, a askedDraft) (bot.Draft, error) {
		return d.Forms.Amend(ctx, id, by, bot.Amendment{Flow: bot.Intent(a.Flow), Drop: a.Drop, Choice: a.Choice, Slot: a.Slot, Words: a.Words})
	})
}

func (d *Desk) readBack(w http.ResponseWriter, r *http.Request, who Account) {
	d.form(w, r, who, "", func(ctx context.Context, id bot.CitizenID, by bot.Holder, a askedDraft) (bot.Draft, error) {
		if !keyForm.MatchString(a.Key) {
			return bot.Draft{}, errNoKey
		}
		return d.Forms.ReadBack(ctx, id, by, "desk:"+who.Name+":"+a.Key)
	})
}

func (d *Desk) carryOut(w http.ResponseWriter, r *http.Request, who Account) {
	d.form(w, r, who, bot.AuditForCitizen, func(ctx context.Context, id bot.CitizenID, by bot.Holder, a askedDraft) (bot.Draft, error) {
		if !keyForm.MatchString(a.Key) {
			return bot.Draft{}, errNoKey
		}
		return d.Forms.CarryOut(ctx, id, by, a.Told, bot.Consent{Line: a.Line, Spoken: a.Spoken}, "desk:"+who.Name+":"+a.Key)
	})
}

// form does something to a citizen's form and answers what it has come to.
// deed, if not empty, is what the audit trail says of it.
func (d *Desk) form(w http.ResponseWriter, r *http.Request, who Account, deed string, do func(context.Context, bot.CitizenID, bot.Holder, askedDraft) (bot.Draft, error)) {
	var a askedDraft
	if !read(w, r, &a) {
		return
	}
	a.Words, a.Spoken = strings.Map(printable, a.Words), strings.TrimSpace(strings.Map(printable, a.Spoken))
	if utf8.RuneCountInString(a.Words) > maxWords || utf8.RuneCountInString(a.Spoken) > maxTitle*4 {
		refuse(w, http.StatusRequestEntityTooLarge, tooLong())
		return
	}
	id := bot.CitizenID(r.PathValue("citizen"))
	conv, ok := d.known(w, r, who, id)
	if !ok {
		return
	}
	d.used(r)
	if deed != "" && !d.audit(w, r, who.Name, deed, string(id)) {
		return
	}
	v, err := do(r.Context(), id, bot.Holder{Name: who.Name, Fence: a.Fence}, a)
	switch {
	case err == nil:
		answer(w, http.StatusOK, draftOf(v, conv.Address.Channel))
	case errors.Is(err, bot.ErrNoConsent):
		refuse(w, http.StatusConflict, "市民还没有同意现在这一份。请先“念给市民核对”，等市民回“确认”再办。")
	case errors.Is(err, bot.ErrStaleDraft):
		refuse(w, http.StatusConflict, "表又变了，请看过现在的再办。")
	case errors.Is(err, bot.ErrNoDraft):
		refuse(w, http.StatusConflict, "现在没有在填的表。")
	case errors.Is(err, bot.ErrNoErrand):
		refuse(w, http.StatusUnprocessableEntity, "没有这一项。")
	default:
		d.told(w, r, id, who.Name, err)
	}
}
