package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"guanjia/bot"
)

const (
	maxWords = 2000 // characters of a reply or note
	maxBody  = 64 << 10
	// Options as WeChat takes them to be tapped.
	mostOptions = 8
	maxOption   = 20
)

// errStale means that a colleague wrote, or the conversation changed hands,
// after what the operator had seen.
var errStale = errors.New("written before a colleague's words were seen")

// asked is what the page sends with a deed.
type asked struct {
	Text string `json:"text"`
	// Key names what is said, so that sending it again is no second reply.
	Key string `json:"key"`
	// Seen is the last line the operator had on the screen.
	Seen int64 `json:"seen"`
	// To is the colleague a conversation is passed to; empty: the queue.
	To string `json:"to"`
	// Group is the group whose members may take it instead.
	Group string `json:"group"`
	// Town is the town it turned out to be about.
	Town string `json:"town"`
	// Fence is the number of the hold the page shows.
	Fence int64 `json:"fence"`
	// Options are what the citizen may choose from by a tap.
	Options []string `json:"options"`
	picture *bot.Attachment
}

func (a asked) saying() bot.Saying {
	return bot.Saying{Text: a.Text, Options: a.Options, Picture: a.picture}
}

func (a asked) holder(operator string) bot.Holder { return bot.Holder{Name: operator, Fence: a.Fence} }

// deed carries out what an operator does to a conversation.
func (d *Desk) deed(w http.ResponseWriter, r *http.Request, who Account) {
	a, status, fault := readAsked(http.MaxBytesReader(w, r.Body, maxBody))
	if fault != "" {
		refuse(w, status, fault)
		return
	}
	do := d.deeds()[r.PathValue("deed")]
	if do == nil {
		refuse(w, http.StatusNotFound, "没有这个操作。")
		return
	}
	d.carry(w, r, who, a, do)
}

// askedOf reads what a person asks of a conversation the account may open;
// otherwise it refuses.
func (d *Desk) askedOf(w http.ResponseWriter, r *http.Request, who Account) (id bot.CitizenID, a asked, ok bool) {
	a, status, fault := readAsked(http.MaxBytesReader(w, r.Body, maxBody))
	if fault != "" {
		refuse(w, status, fault)
		return id, a, false
	}
	id = bot.CitizenID(r.PathValue("citizen"))
	if _, ok = d.known(w, r, who, id); ok {
		d.used(r)
	}
	return id, a, ok
}

// carry does something to a conversation the account may open, and answers what
// became of it.
func (d *Desk) carry(w http.ResponseWriter, r *http.Request, who Account, a asked, do doing) {
	id := bot.CitizenID(r.PathValue("citizen"))
	conv, ok := d.known(w, r, who, id)
	if !ok {
		return
	}
	d.used(r)
	if a.picture != nil && conv.Address.Channel == bot.Hotline {
		refuse(w, http.StatusConflict, "电话里看不了图片，请说给市民听，或请市民加微信。")
		return
	}
	lock := d.lockOf(id)
	lock.Lock()
	err := do(r.Context(), id, who.Name, a)
	lock.Unlock()
	d.around.said(id, who.Name)
	d.told(w, r, id, who.Name, err)
}

// doing is one thing operators do.
type doing func(ctx context.Context, id bot.CitizenID, operator string, a asked) error

// deeds are what operators do, by the last part of the address.
func (d *Desk) deeds() map[string]doing {
	return map[string]doing{
		"take": func(ctx context.Context, id bot.CitizenID, operator string, _ asked) error {
			return d.Engine.Take(ctx, id, operator)
		},
		"say":  d.say,
		"note": d.note,
		"pass": d.pass,
		"close": func(ctx context.Context, id bot.CitizenID, operator string, a asked) error {
			_, err := d.Engine.Finish(ctx, id, a.holder(operator), a.Text, false)
			return err
		},
		"back": func(ctx context.Context, id bot.CitizenID, operator string, a asked) error {
			_, err := d.Engine.Finish(ctx, id, a.holder(operator), a.Text, true)
			return err
		},
	}
}

// say sends a reply, unless it was written before a colleague's words were
// seen. A repeat of one that was sent is not stale: the engine knows its key.
func (d *Desk) say(ctx context.Context, id bot.CitizenID, operator string, a asked) error {
	if !keyForm.MatchString(a.Key) {
		return errNoKey
	}
	key := "desk:" + operator + ":" + a.Key
	if err := d.fresh(ctx, id, operator, a); err != nil {
		return err
	}
	_, err := d.Engine.Speak(ctx, id, a.holder(operator), a.saying(), key)
	return err
}

// Why a conversation cannot be passed to somebody.
var (
	errAbsent    = errors.New("colleague is not there")
	errElsewhere = errors.New("colleague sees another town's conversations only")
	errNoTown    = errors.New("no such town")
)

// pass hands a conversation to a colleague who is there, or to the queue.
func (d *Desk) pass(ctx context.Context, id bot.CitizenID, operator string, a asked) error {
	to, err := d.target(ctx, id, operator, a)
	if err != nil {
		return err
	}
	return d.Engine.Pass(ctx, id, a.holder(operator), to, a.Text)
}

// target is whom a conversation is to go to, if they can be given it.
func (d *Desk) target(ctx context.Context, id bot.CitizenID, operator string, a asked) (bot.Target, error) {
	to := bot.Target{Operator: a.To, Group: a.Group, Town: a.Town}
	if a.Town != "" && d.Towns[a.Town] == "" {
		return to, errNoTown
	}
	if a.To == "" {
		return to, nil
	}
	town, err := d.receives(ctx, id, operator, a.To)
	to.Town = town
	return to, err
}

// receives says whether a colleague can be given a conversation, and which town
// it is of then: one that was of none becomes that of a colleague who sees one
// only.
func (d *Desk) receives(ctx context.Context, id bot.CitizenID, operator, colleague string) (town string, err error) {
	now := d.Clock()
	there, err := d.Records.Present(ctx, now.Add(-SessionLife), now.Add(-SessionIdle))
	if err != nil {
		return "", err
	}
	if colleague == operator || !slices.Contains(there, colleague) {
		return "", errAbsent
	}
	account, err := d.Accounts.Account(ctx, colleague)
	if errors.Is(err, ErrNoAccount) || err == nil && !account.talks() {
		return "", errAbsent
	}
	if err != nil {
		return "", err
	}
	h, _, err := d.Records.OpenHandoff(ctx, id)
	if err == nil && h.Town != "" && !account.covers(h.Town) {
		err = errElsewhere
	}
	return account.Town, err
}

// errNoKey means a reply came without a name of its own.
var errNoKey = errors.New("no idempotency key")

// keyForm is what a reply's key looks like.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// fresh fails with errStale where an operator's line stands after the last
// one seen. The same words from the same operator are a repeat.
func (d *Desk) fresh(ctx context.Context, id bot.CitizenID, operator string, a asked) error {
	lines, err := d.Records.Lines(ctx, id, a.Seen, moreLines)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Speaker != bot.SpeakerOperator && l.Speaker != bot.SpeakerNote {
			continue
		}
		if l.Name == operator && l.Text == a.Text && l.Attachment == "" {
			continue
		}
		return errStale
	}
	return nil
}

// note adds a line for colleagues; the same note twice in a row is one.
func (d *Desk) note(ctx context.Context, id bot.CitizenID, operator string, a asked) error {
	last, err := d.Records.Recent(ctx, id, 1)
	if err != nil {
		return err
	}
	if len(last) == 1 && last[0].Speaker == bot.SpeakerNote && last[0].Name == operator && last[0].Text == a.Text {
		return nil
	}
	names, err := d.named(ctx, id, operator, a.Text)
	if err == nil {
		err = d.Engine.Note(ctx, id, operator, a.Text)
	}
	if err != nil || len(names) == 0 {
		return err
	}
	return d.Mentions.Mention(ctx, id, operator, names, d.Clock())
}

// lockOf keeps looking and writing of one conversation together; conversations
// that share a lock only wait for each other.
func (d *Desk) lockOf(id bot.CitizenID) *sync.Mutex {
	h := fnv.New32a()
	io.WriteString(h, string(id))
	return &d.words[h.Sum32()%uint32(len(d.words))]
}

// told answers what became of a deed.
func (d *Desk) told(w http.ResponseWriter, r *http.Request, id bot.CitizenID, name string, err error) {
	switch {
	case err == nil:
		answer(w, http.StatusOK, map[string]bool{"ok": true})
	case errors.Is(err, errStale):
		refuse(w, http.StatusConflict, "您写的时候，同事又写了话。请看过新消息再发，草稿还在。")
	case errors.Is(err, bot.ErrOffered):
		refuse(w, http.StatusConflict, "正在请同事接这个会话，没有人接会再轮到您。")
	case errors.Is(err, bot.ErrHeldElse), errors.Is(err, bot.ErrNotHeld):
		refuse(w, http.StatusConflict, d.holder(r, id, name))
	case errors.Is(err, bot.ErrEmptyText):
		refuse(w, http.StatusBadRequest, "还没有写内容。")
	case errors.Is(err, bot.ErrNoPicture):
		refuse(w, http.StatusUnsupportedMediaType, "这个文件打不开，只能发 JPG、PNG、GIF 或 WebP 图片。")
	case errors.Is(err, errAbsent):
		refuse(w, http.StatusConflict, "这位同事现在不在岗，请换一位，或退回排队。")
	case errors.Is(err, errElsewhere):
		refuse(w, http.StatusConflict, "这位同事只接待另一个镇街的会话，请换一位，或转给那个镇街。")
	case errors.Is(err, errNoTown):
		refuse(w, http.StatusUnprocessableEntity, "没有这个镇街。")
	case errors.Is(err, errNoKey):
		refuse(w, http.StatusBadRequest, "这条回复缺少编号，请刷新页面再发。")
	default:
		d.fail(w, "operate on conversation", err)
	}
}

// holder says who has the conversation now.
func (d *Desk) holder(r *http.Request, id bot.CitizenID, name string) string {
	conv, err := d.Records.Conversation(r.Context(), id)
	if err == nil && conv.Handling == bot.ByPerson && conv.Operator == name {
		return "这个会话中间离开过您手上，请看过最新的内容再办。"
	}
	if err == nil && conv.Handling == bot.ByPerson {
		return "这个会话现在由" + conv.Operator + "接待。"
	}
	return "您还没有接入这个会话，请先接入。"
}

// readAsked reads the one JSON object of a deed; fault is a sentence.
func readAsked(body io.Reader) (a asked, status int, fault string) {
	dec := json.NewDecoder(body)
	err := dec.Decode(&a)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return a, http.StatusRequestEntityTooLarge, tooLong()
	case err != nil || a.Seen < 0:
		return a, http.StatusBadRequest, "内容格式不对。"
	}
	a.Text = strings.TrimSpace(strings.Map(printable, a.Text))
	if utf8.RuneCountInString(a.Text) > maxWords {
		return a, http.StatusRequestEntityTooLarge, tooLong()
	}
	if len(a.Options) > mostOptions {
		return a, http.StatusUnprocessableEntity, fmt.Sprintf("选项太多了，最多 %d 个。", mostOptions)
	}
	for i, o := range a.Options {
		a.Options[i] = strings.TrimSpace(strings.Map(printable, o))
		if n := utf8.RuneCountInString(a.Options[i]); n == 0 || n > maxOption || strings.Contains(a.Options[i], "\n") {
			return a, http.StatusUnprocessableEntity, fmt.Sprintf("每个选项写 1 到 %d 个字。", maxOption)
		}
	}
	return a, http.StatusOK, ""
}

func tooLong() string {
	return fmt.Sprintf("内容太长了，请分成几段，每段不超过 %d 字。", maxWords)
}

// printable drops control characters other than line breaks and tabs.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}
