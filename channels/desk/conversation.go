package desk

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"guanjia/bot"
)

// refuse answers with a sentence an operator can read.
func refuse(w http.ResponseWriter, status int, sentence string) {
	answer(w, status, map[string]string{"error": sentence})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// queued is a conversation in the queue as the page shows it.
type queued struct {
	Citizen  string            `json:"citizen"`
	Who      string            `json:"who"`
	Channel  string            `json:"channel"`
	Reason   string            `json:"reason"`
	Urgent   bool              `json:"urgent"`
	Summary  string            `json:"summary"`
	Intent   string            `json:"intent"`
	Slots    map[string]string `json:"slots"`
	Town     string            `json:"town"`
	Status   string            `json:"status"`
	Operator string            `json:"operator"`
	Since    time.Time         `json:"since"`
	Last     string            `json:"last"`
}

// queue lists what waits and what is held, first in line first.
func (d *Desk) queue(w http.ResponseWriter, r *http.Request, who Account) {
	seq, err := d.Records.LastChange(r.Context())
	if err != nil {
		d.fail(w, "read queue", err)
		return
	}
	open, err := d.Records.Handoffs(r.Context(), true, 500)
	if err != nil {
		d.fail(w, "read queue", err)
		return
	}
	rows := make([]queued, 0, len(open))
	for _, h := range open {
		rows = append(rows, d.queuedOf(r, h))
	}
	answer(w, http.StatusOK, map[string]any{"seq": seq, "me": who.Name, "now": d.Clock(), "rows": rows})
}

func (d *Desk) queuedOf(r *http.Request, h bot.Handoff) queued {
	row := queued{
		Citizen: string(h.Citizen), Who: d.name(r, h.Citizen), Channel: string(h.Channel), Reason: string(h.Reason),
		Urgent: h.Priority == 0, Summary: h.Summary, Intent: h.Intent.Title(), Slots: h.Slots,
		Town: d.Towns[h.Town], Status: string(h.Status), Operator: h.Operator, Since: h.At,
	}
	if recent, err := d.Records.Recent(r.Context(), h.Citizen, 4); err == nil {
		for _, l := range slices.Backward(recent) {
			if l.Speaker == bot.SpeakerCitizen {
				row.Last = l.Text
				break
			}
		}
	}
	return row
}

// name is how a citizen is shown: the family name masked, or a short id.
func (d *Desk) name(r *http.Request, id bot.CitizenID) string {
	c, err := d.Records.Citizen(r.Context(), id)
	if err == nil && c.Name != "" {
		return bot.MaskName(c.Name.Reveal())
	}
	short := string(id)
	if len(short) > 6 {
		short = short[len(short)-6:]
	}
	return "市民 " + short
}

// line is a transcript line as the page shows it.
type line struct {
	ID         int64     `json:"id"`
	Speaker    string    `json:"speaker"`
	Name       string    `json:"name"`
	At         time.Time `json:"at"`
	Text       string    `json:"text"`
	Options    []string  `json:"options"`
	Source     string    `json:"source"`
	Event      string    `json:"event"`
	Attachment string    `json:"attachment"`
	Channel    string    `json:"channel"`
}

// windowOpen is how long WeChat takes customer-service messages after the
// citizen's last word.
const windowOpen = 48 * time.Hour

// conversation shows a conversation after a line, with its packet.
func (d *Desk) conversation(w http.ResponseWriter, r *http.Request, who Account) {
	id := bot.CitizenID(r.PathValue("citizen"))
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		after = 0
	}
	conv, err := d.Records.Conversation(r.Context(), id)
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	var lines []bot.Line
	if after == 0 {
		lines, err = d.Records.Recent(r.Context(), id, 200)
	} else {
		lines, err = d.Records.Lines(r.Context(), id, after, 500)
	}
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	out := make([]line, 0, len(lines))
	for _, l := range lines {
		v := line{ID: l.ID, Speaker: string(l.Speaker), Name: l.Name, At: l.At, Text: l.Text, Options: []string{},
			Source: l.Source, Event: string(l.Event), Attachment: l.Attachment, Channel: string(l.Channel)}
		for _, o := range l.Options {
			v.Options = append(v.Options, o.Text)
		}
		out = append(out, v)
	}
	body := map[string]any{
		"citizen": id, "who": d.name(r, id), "handling": conv.Handling, "operator": conv.Operator,
		"channel": conv.Address.Channel, "lines": out, "mine": conv.Handling == bot.ByPerson && conv.Operator == who.Name,
	}
	if conv.Address.Channel == bot.WeChat {
		body["until"] = conv.LastAt.Add(windowOpen)
	}
	answer(w, http.StatusOK, body)
}

// attachment sends a kept file as a download that no page can be made of.
func (d *Desk) attachment(w http.ResponseWriter, r *http.Request, _ Account) {
	a, _, err := d.Records.Attachment(r.Context(), r.PathValue("id"))
	if err != nil {
		refuse(w, http.StatusNotFound, "没有这个附件。")
		return
	}
	switch a.Type {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		w.Header().Set("Content-Type", a.Type)
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", "attachment")
	}
	w.Write(a.Bytes)
}

// deed carries out what an operator does to a conversation.
func (d *Desk) deed(w http.ResponseWriter, r *http.Request, who Account) {
	var body struct {
		Text string `json:"text"`
		Key  string `json:"key"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&body); err != nil {
		refuse(w, http.StatusBadRequest, "内容格式不对。")
		return
	}
	id := bot.CitizenID(r.PathValue("citizen"))
	var err error
	switch r.PathValue("deed") {
	case "take":
		err = d.Engine.Take(r.Context(), id, who.Name)
	case "say":
		key := ""
		if body.Key != "" {
			key = "desk:" + who.Name + ":" + body.Key
		}
		_, err = d.Engine.Speak(r.Context(), id, who.Name, body.Text, key)
	case "note":
		err = d.Engine.Note(r.Context(), id, who.Name, body.Text)
	case "close":
		_, err = d.Engine.Finish(r.Context(), id, who.Name, body.Text, false)
	case "back":
		_, err = d.Engine.Finish(r.Context(), id, who.Name, body.Text, true)
	default:
		refuse(w, http.StatusNotFound, "没有这个操作。")
		return
	}
	switch {
	case err == nil:
		answer(w, http.StatusOK, map[string]bool{"ok": true})
	case errors.Is(err, bot.ErrHeldElse):
		refuse(w, http.StatusConflict, "这个会话已由同事接手。")
	case errors.Is(err, bot.ErrNotHeld):
		refuse(w, http.StatusConflict, "请先接入这个会话，再回复。")
	case errors.Is(err, bot.ErrEmptyText):
		refuse(w, http.StatusBadRequest, "还没有写内容。")
	default:
		d.fail(w, "operate on conversation", err)
	}
}

func (d *Desk) fail(w http.ResponseWriter, deed string, err error) {
	d.Log.Error(deed, "error", err)
	refuse(w, http.StatusInternalServerError, "系统忙，请稍后再试。")
}
