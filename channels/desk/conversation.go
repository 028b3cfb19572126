package desk

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"guanjia/bot"
)

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
	// Quiet says that it tells of the line, and nobody noted it.
	Quiet bool `json:"quiet"`
}

const (
	// windowOpen is how long WeChat takes customer-service messages after
	// the citizen's last word.
	windowOpen = 48 * time.Hour
	firstLines = 200  // lines a conversation opens with
	moreLines  = 1000 // lines read at once after that
)

// conversation shows who holds a conversation and its lines after a number.
func (d *Desk) conversation(w http.ResponseWriter, r *http.Request, who Account) {
	id := bot.CitizenID(r.PathValue("citizen"))
	after, err := lineNumber(r.URL.Query().Get("after"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "消息编号不对。")
		return
	}
	conv, ok := d.known(w, r, who, id)
	if !ok {
		return
	}
	if after == 0 && !d.audit(w, r, who.Name, bot.AuditOpen, string(id)) {
		return
	}
	lines, err := d.lines(r, id, after)
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	if looked := r.URL.Query().Has("looked"); after == 0 || looked { // a person opened it, or has it before their eyes
		d.used(r)
		if d.Mentions != nil {
			err = d.Mentions.Looked(r.Context(), id, who.Name)
		}
		if err != nil {
			d.fail(w, "take a mention away", err)
			return
		}
	}
	d.around.opens(id, who.Name)
	tags, err := d.Kit.Tags(r.Context(), id)
	if err != nil {
		d.fail(w, "read tags", err)
		return
	}
	body := map[string]any{
		"tags":    append([]string{}, tags...),
		"citizen": id, "who": d.name(r.Context(), id), "handling": conv.Handling, "operator": conv.Operator,
		"channel": conv.Address.Channel, "lines": lines, "fence": conv.Fence, "around": d.around.with(id, who.Name, d.Clock()), "mine": conv.Handling == bot.ByPerson && conv.Operator == who.Name,
	}
	if conv.Handling != bot.ByBot && (after == 0 || slices.ContainsFunc(lines, fromCitizen)) {
		if body["suggestions"], err = d.suggest(r, id); err != nil {
			d.fail(w, "suggest replies", err)
			return
		}
	}
	if err := d.drafted(r.Context(), conv, body); err != nil {
		d.fail(w, "read the form under way", err)
		return
	}
	body["hearable"] = d.Calls != nil && who.supervises() && d.Calls.Hearable(id)
	if conv.Address.Channel == bot.WeChat {
		body["until"] = conv.LastAt.Add(windowOpen)
	}
	answer(w, http.StatusOK, body)
}

// known reads a conversation that exists and that the account may open;
// otherwise it refuses.
func (d *Desk) known(w http.ResponseWriter, r *http.Request, who Account, id bot.CitizenID) (bot.Conversation, bool) {
	reached, err := d.reaches(r.Context(), who, id)
	var conv bot.Conversation
	if err == nil && reached {
		conv, err = d.Records.Conversation(r.Context(), id)
	}
	switch {
	case err != nil:
		d.fail(w, "read conversation", err)
		return conv, false
	case conv.Version == 0:
		refuse(w, http.StatusNotFound, "没有这个会话。")
		return conv, false
	}
	return conv, true
}

// askedFor is the wish for a person, which no guide answers.
var askedFor = regexp.MustCompile(`[，,。\s]*(我?(要|想)?(转|找|接)?(人工|真人)(服务|客服)?)[，,。！!\s]*`)

// mostTried is how many of a citizen's words are looked up at the most, the
// newest first, until the guides know something.
const mostTried = 3

// suggest is what the guides say to what the citizen told last, read with what
// they told before; words the guides know nothing of leave the ones before.
func (d *Desk) suggest(r *http.Request, id bot.CitizenID) ([]Suggestion, error) {
	if d.Guides == nil {
		return []Suggestion{}, nil
	}
	h, found, err := d.Records.OpenHandoff(r.Context(), id)
	if err != nil || found && h.Reason == bot.ReasonEmergency { // no guide helps in danger
		return []Suggestion{}, err
	}
	recent, err := d.Records.Recent(r.Context(), id, lookBack)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, l := range recent {
		if words := askedFor.ReplaceAllString(l.Text, ""); l.Speaker == bot.SpeakerCitizen && telling(words) {
			told = append(told, words)
		}
	}
	for n := len(told) - 1; n >= max(0, len(told)-mostTried); n-- {
		if found := d.Guides.Search(r.Context(), told[n], told[:n]); len(found) > 0 {
			return found, nil
		}
	}
	return []Suggestion{}, nil
}

func fromCitizen(l line) bool { return l.Speaker == string(bot.SpeakerCitizen) }

// earlier answers lines before a number.
func (d *Desk) earlier(w http.ResponseWriter, r *http.Request, who Account) {
	id := bot.CitizenID(r.PathValue("citizen"))
	before, err := lineNumber(r.URL.Query().Get("before"))
	if err != nil || before == 0 {
		refuse(w, http.StatusBadRequest, "消息编号不对。")
		return
	}
	if _, ok := d.known(w, r, who, id); !ok {
		return
	}
	found, err := d.Records.Earlier(r.Context(), id, before, firstLines)
	if err != nil {
		d.fail(w, "read conversation", err)
		return
	}
	out := make([]line, 0, len(found))
	for _, l := range found {
		out = append(out, lineOf(l))
	}
	answer(w, http.StatusOK, out)
}

func (d *Desk) lines(r *http.Request, id bot.CitizenID, after int64) ([]line, error) {
	var found []bot.Line
	var err error
	if after == 0 {
		found, err = d.Records.Recent(r.Context(), id, firstLines)
	} else {
		found, err = d.Records.Lines(r.Context(), id, after, moreLines)
	}
	out := make([]line, 0, len(found))
	for _, l := range found {
		out = append(out, lineOf(l))
	}
	return out, err
}

func lineOf(l bot.Line) line {
	v := line{ID: l.ID, Speaker: string(l.Speaker), Name: l.Name, At: l.At, Text: wordsOf(l), Options: []string{},
		Source: l.Source, Event: string(l.Event), Attachment: l.Attachment, Channel: string(l.Channel), Quiet: ofTheLine(l)}
	for _, o := range l.Options {
		v.Options = append(v.Options, o.Text)
	}
	return v
}

// ofTheLine says whether a note is the telephone line's own: what a caller did
// not hear any more, where a recording is.
func ofTheLine(l bot.Line) bool {
	return l.Speaker == bot.SpeakerNote && l.Name == channelTitle(l.Channel)
}

// speakerTitle names who spoke; operators by their own name.
func speakerTitle(s string) string {
	switch bot.Speaker(s) {
	case bot.SpeakerCitizen:
		return "市民"
	case bot.SpeakerBot:
		return "机器人"
	case bot.SpeakerNote:
		return "备注"
	}
	return "坐席"
}

// wordsOf is what a line says, or what happened in words.
func wordsOf(l bot.Line) string {
	if l.Text != "" || l.Event == bot.NoEvent {
		return l.Text
	}
	if l.Did != "" {
		return l.Did
	}
	switch l.Event {
	case bot.EventImage:
		return "发来一张照片"
	case bot.EventVoice:
		return "发来一段语音"
	case bot.EventLocation:
		return "发来位置"
	case bot.EventSubscribe:
		return "打开了对话"
	case bot.EventUnsubscribe:
		return "取消了关注"
	case bot.EventMenu:
		return "点了菜单"
	case bot.EventSilence:
		return "没有出声"
	case bot.EventCall:
		return "打来电话"
	case bot.EventHangup:
		return "挂断了"
	case bot.EventDigits:
		return "按了键"
	}
	return "发来看不了的消息"
}

// lineNumber reads a line's number; none is 0.
func lineNumber(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && n < 0 {
		err = strconv.ErrRange
	}
	return n, err
}

// attachment sends a kept file as a picture or a download, never as a page.
func (d *Desk) attachment(w http.ResponseWriter, r *http.Request, who Account) {
	a, owner, err := d.Records.Attachment(r.Context(), r.PathValue("id"))
	reached := false
	if err == nil {
		reached, err = d.reaches(r.Context(), who, owner)
	}
	if err != nil || !reached {
		refuse(w, http.StatusNotFound, "没有这个附件。")
		return
	}
	if a.Kind == recordingKind { // what is kept of it is its key
		http.Redirect(w, r, "/desk/recording/"+r.PathValue("id"), http.StatusSeeOther)
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditAttachment, r.PathValue("id")) {
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
