package wechat

import (
	"slices"
	"strconv"
	"strings"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
)

// Sizes of what is sent, in bytes of UTF-8.
const (
	maxText    = 2048 // the platform's limit for a text
	maxPart    = 1980 // where we cut, with room for a line that says there is more
	maxChoices = 8    // options to tap in one message
	maxChoice  = 60   // bytes of one
	gap        = "\n\n"
)

// answer is what one turn comes to in the answer to its callback.
type answer struct {
	text   string
	said   []bot.OutgoingID // wholly in text
	partly bot.OutgoingID   // the first of rest, a part of which is in text
	parts  int              // how many of its parts have left with this one
	rest   []bot.OutgoingID // for the outbox
}

// all are the replies of the turn.
func (a *answer) all() []bot.OutgoingID { return slices.Concat(a.said, a.rest) }

// compose merges a turn's replies into one text as far as it takes them, in
// order but the urgent first.
func (e *Edge) compose(openID string, out []bot.Outgoing) answer {
	out = withoutStaleOptions(out)
	slices.SortStableFunc(out, func(a, b bot.Outgoing) int { return rank(a) - rank(b) })
	var a answer
	for i, o := range out {
		if o.Reply.Picture != "" { // a message of its own, which the outbox sends
			for _, later := range out[i:] {
				a.rest = append(a.rest, later.ID)
			}
			break
		}
		parts := e.parts(o.Reply)
		begun := min(e.progress.get(o.ID), len(parts)-1)
		parts = parts[begun:]
		switch {
		case i == 0 && len(parts) > 1:
			a.text, a.partly, a.parts = parts[0], o.ID, begun+1
		case len(parts) == 1 && (i == 0 || len(a.text)+len(gap)+len(parts[0]) <= maxPart):
			if a.text != "" && parts[0] != "" {
				a.text += gap
			}
			a.text += parts[0]
			a.said = append(a.said, o.ID)
			continue
		}
		for _, later := range out[i:] {
			a.rest = append(a.rest, later.ID)
		}
		break
	}
	if len(a.rest) > 0 && a.text != "" && !e.mayPush(openID) {
		a.text += "\n" + wordsFor(a.text).more
	}
	return a
}

// withoutStaleOptions keeps what can be chosen with the last reply only: a
// number means a place in that list. Links stay.
func withoutStaleOptions(out []bot.Outgoing) []bot.Outgoing {
	out = slices.Clone(out)
	for i := range len(out) - 1 {
		out[i].Reply.Options = slices.DeleteFunc(slices.Clone(out[i].Reply.Options), func(o bot.Option) bool { return o.URL == "" })
	}
	return out
}

func rank(o bot.Outgoing) int {
	if o.Reply.Urgent {
		return 0
	}
	return 1
}

// part is one message of a reply: a text, or a text with options to tap.
type part struct {
	text    string
	choices []platform.Choice
	tail    string
	plain   string // the same without options to tap
}

// shape makes the messages of a reply for sending.
func (e *Edge) shape(r bot.Reply, tap bool) []part {
	if tap && menuFits(r) {
		if words := e.words(r); len(words) <= maxPart {
			p := part{text: e.head(r), tail: wordsUnder(r.Text).tap, plain: words}
			for i, o := range r.Options {
				p.choices = append(p.choices, platform.Choice{ID: strconv.Itoa(i + 1), Content: o.Text})
			}
			return []part{p}
		}
	}
	var shape []part
	for _, text := range e.parts(r) {
		shape = append(shape, part{text: text})
	}
	return shape
}

// menuFits says whether a reply's options can be sent to be tapped.
func menuFits(r bot.Reply) bool {
	if strings.TrimSpace(r.Text) == "" || len(r.Options) == 0 || len(r.Options) > maxChoices {
		return false
	}
	return !slices.ContainsFunc(r.Options, func(o bot.Option) bool {
		return o.URL != "" || o.Text == "" || len(o.Text) > maxChoice
	})
}

// parts are the texts of a reply, options as a numbered list.
func (e *Edge) parts(r bot.Reply) []string { return split(e.words(r), maxPart) }

// head is a reply without its options.
func (e *Edge) head(r bot.Reply) string {
	text := strings.TrimSpace(plain(r.Text))
	if r.Source != "" {
		text += "\n" + r.Source
	}
	return strings.TrimSpace(text)
}

// words is a whole reply as one text. An option's number is its place in the
// list, also beside those that are links.
func (e *Edge) words(r bot.Reply) string {
	if len(r.Options) == 0 {
		return e.head(r)
	}
	var b strings.Builder
	b.WriteString(e.head(r))
	numbered := false
	for i, o := range r.Options {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if o.URL != "" {
			b.WriteString(e.link(o))
			continue
		}
		numbered = true
		b.WriteString(strconv.Itoa(i+1) + ". " + o.Text)
	}
	if numbered {
		b.WriteString("\n" + wordsUnder(b.String()).numbered(len(r.Options)))
	}
	return b.String()
}

// link is an option that opens a page.
func (e *Edge) link(o bot.Option) string {
	url := o.URL
	if strings.HasPrefix(url, "/") {
		url = e.publicURL + url
	}
	url = strings.NewReplacer(`"`, "%22", "<", "%3C", ">", "%3E", " ", "%20", "\n", "").Replace(url)
	text := strings.NewReplacer("<", "＜", ">", "＞", "\n", " ").Replace(o.Text)
	return `<a href="` + url + `">` + text + `</a>`
}
