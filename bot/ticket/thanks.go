package ticket

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Side is who of the two says a Word.
type Side string

// The sides.
const (
	Household Side = "household"
	Claimer   Side = "claimant"
)

// WordStatus is where a word between the two sides stands.
type WordStatus string

// The states of a word.
const (
	WordWaiting WordStatus = "waiting" // for a social worker to read
	WordPassed  WordStatus = "passed"
	WordKept    WordStatus = "kept" // not passed on
)

// Title is the state in words, for whoever said it.
func (s WordStatus) Title() string {
	return map[WordStatus]string{WordWaiting: "等社工转达", WordPassed: "转达了", WordKept: "没有转达"}[s]
}

// Word is a thank-you of a household, or what whoever helped it answers. The
// other side gets Passed, which a social worker has read, never Text.
type Word struct {
	ID        int64
	Wish      string
	Side      Side
	By        bot.CitizenID
	Text      bot.Secret // as it was said
	Passed    bot.Secret // as it was passed on
	Status    WordStatus
	At        time.Time
	SettledAt time.Time
	SettledBy string
	Key       string // idempotency
}

// WordBooks are where words are kept.
type WordBooks interface {
	// EnterWord stores a new word; the same Key of the same citizen gives the
	// first again, and repeat is set.
	EnterWord(ctx context.Context, tx bot.Tx, w Word) (word Word, repeat bool, err error)
	SaveWord(ctx context.Context, tx bot.Tx, w Word) error
	// Words of a wish inside a commit, oldest first.
	Words(ctx context.Context, tx bot.Tx, wish string) ([]Word, error)
	// Thankable are the wishes about which a citizen may say something to the
	// other side, the latest first.
	Thankable(ctx context.Context, by bot.CitizenID, limit int) ([]Wish, error)
	// OpenWord reads one inside a commit; ErrNoTicket if there is none.
	OpenWord(ctx context.Context, tx bot.Tx, id int64) (Word, error)
}

// mostUnread is how many words of one side wait for a social worker at once.
const mostUnread = 3

// mostWordRunes is how long a word may be, in characters.
const mostWordRunes = 300

// Say takes a word of whoever says it, inside a commit: the household whose
// wish was fulfilled, or whoever fulfilled it once thanks were passed on to
// them. Nobody else learns that there is such a wish.
func (o *Claiming) Say(ctx context.Context, tx bot.Tx, said Word) (Word, error) {
	none := refused("这个编号下没有可以转达的。", "no claim of theirs was delivered")
	w, claims, err := o.Books.OpenWish(ctx, tx, said.Wish)
	if errors.Is(err, ErrNoTicket) {
		return said, none
	}
	if err != nil {
		return said, err
	}
	t, err := o.Books.Open(ctx, tx, w.Number)
	if err != nil {
		return said, err
	}
	all, err := o.Books.Words(ctx, tx, w.Number)
	if err != nil {
		return said, err
	}
	delivered, theirs := false, false
	for _, c := range claims {
		delivered = delivered || c.Status == ClaimDelivered
		theirs = theirs || c.Status == ClaimDelivered && c.By == said.By
	}
	switch {
	case t.Citizen == said.By && delivered:
		said.Side = Household
	case theirs && passed(all, Household):
		said.Side = Claimer
	case theirs:
		return said, refused("那户人家还没有托社工说过话，收到了再回。", "nothing was said to them yet")
	default:
		return said, none
	}
	n := utf8.RuneCountInString(strings.TrimSpace(said.Text.Reveal()))
	switch {
	case n < 2 || n > mostWordRunes:
		return said, refused(fmt.Sprintf("请写 2 到 %d 个字。", mostWordRunes), "%d characters", n)
	case unread(all, said) >= mostUnread:
		return said, refused("前面说的社工还在看，转达了再说。", "too many wait")
	}
	said.Status = WordWaiting
	kept, repeat, err := o.Books.EnterWord(ctx, tx, said)
	if err != nil || repeat {
		return kept, err
	}
	who := "家里托社工道谢，等转达"
	if said.Side == Claimer {
		who = "认领人回了话，等转达"
	}
	return kept, o.record(ctx, tx, t, said.At, string(RoleCitizen), who)
}

// Thankable are the wishes about which Say would take a citizen's word, the
// latest first: their own of which something was delivered, and those they
// delivered and were thanked for.
func (o *Claiming) Thankable(ctx context.Context, by bot.CitizenID, limit int) ([]Wish, error) {
	return o.Books.Thankable(ctx, by, limit)
}

func passed(all []Word, side Side) bool {
	for _, w := range all {
		if w.Side == side && w.Status == WordPassed {
			return true
		}
	}
	return false
}

// unread counts what somebody said that still waits.
func unread(all []Word, said Word) int {
	n := 0
	for _, w := range all {
		if w.By == said.By && w.Status == WordWaiting && w.Key != said.Key {
			n++
		}
	}
	return n
}

// PassOn is a social worker's word that something may be passed on, as they
// have worded it: without particulars.
func (o *Claiming) PassOn(ctx context.Context, id int64, by Actor, words bot.Secret, at time.Time) error {
	return o.settleWord(ctx, id, by, at, func(tx bot.Tx, w *Word, t Ticket, claims []Claim) error {
		text := strings.TrimSpace(words.Reveal())
		switch clean := Scrub(text, secretsOf(t, claims)...); {
		case text == "":
			return refused("请留下要转达的话。", "nothing to pass on")
		case clean != text:
			return refused("里面还有姓名、电话或地址，请去掉再转达。", "particulars are left")
		}
		w.Status, w.Passed = WordPassed, bot.Secret(text)
		if err := o.record(ctx, tx, t, at, by.Name, "转达："+text); err != nil {
			return err
		}
		for _, to := range hearers(*w, t, claims) {
			if err := o.tell(ctx, tx, to, fmt.Sprintf("word:%d:%s", w.ID, to), at, tellingOf(*w)); err != nil {
				return err
			}
		}
		return nil
	})
}

// KeepBack is a social worker's word that something is not passed on.
func (o *Claiming) KeepBack(ctx context.Context, id int64, by Actor, why string, at time.Time) error {
	return o.settleWord(ctx, id, by, at, func(tx bot.Tx, w *Word, t Ticket, _ []Claim) error {
		if strings.TrimSpace(why) == "" {
			return refused("请写明为什么不转达。", "no reason")
		}
		w.Status = WordKept
		return o.record(ctx, tx, t, at, by.Name, "没有转达："+why)
	})
}

func (o *Claiming) settleWord(ctx context.Context, id int64, by Actor, at time.Time, do func(bot.Tx, *Word, Ticket, []Claim) error) error {
	return o.Books.Commit(ctx, func(tx bot.Tx) error {
		w, err := o.Books.OpenWord(ctx, tx, id)
		if err != nil {
			return err
		}
		wish, claims, err := o.Books.OpenWish(ctx, tx, w.Wish)
		if err != nil {
			return err
		}
		switch {
		case !by.MaySettle(wish.Town):
			return refused("由当地社工转达。", "%s does not settle in %s", by.Role, wish.Town)
		case w.Status != WordWaiting:
			return refused("这一句已经"+w.Status.Title()+"。", "word is %s", w.Status)
		}
		t, err := o.Books.Open(ctx, tx, w.Wish)
		if err != nil {
			return err
		}
		if err := do(tx, &w, t, claims); err != nil {
			return err
		}
		w.SettledAt, w.SettledBy = at, by.Name
		return o.Books.SaveWord(ctx, tx, w)
	})
}

// hearers are the other side of a word: whoever delivered, or the household.
func hearers(w Word, t Ticket, claims []Claim) []bot.CitizenID {
	if w.Side == Claimer {
		return []bot.CitizenID{t.Citizen}
	}
	var out []bot.CitizenID
	for _, c := range claims {
		if c.Status == ClaimDelivered {
			out = append(out, c.By)
		}
	}
	return out
}

func tellingOf(w Word) Telling {
	text := w.Passed.Reveal()
	if w.Side == Claimer {
		return Telling{Zh: "帮您实现心愿 " + w.Wish + " 的人托社工回话：“" + text + "”", En: "Whoever fulfilled your wish " + w.Wish + " answers: \"" + text + "\""}
	}
	return Telling{
		Zh:      "您帮过的那户人家（心愿 " + w.Wish + "）托社工说：“" + text + "”\n想回一句，点下面或发“回话 " + w.Wish + "”，社工看过转达，双方不留姓名。",
		En:      "The household of wish " + w.Wish + " says: \"" + text + "\" Say \"answer " + w.Wish + "\" to reply; a social worker passes it on without names.",
		Options: []string{"回话 " + w.Wish},
	}
}

// secretsOf are what neither side may learn of the other.
func secretsOf(t Ticket, claims []Claim) []string {
	out := []string{t.Name.Reveal(), t.Phone.Reveal(), t.Address.Reveal()}
	for _, c := range claims {
		out = append(out, c.Name.Reveal(), c.Phone.Reveal())
	}
	return out
}

// Clean is a word as it may be passed on, for a social worker to read.
func (w Word) Clean(t Ticket, claims []Claim) string {
	return Scrub(w.Text.Reveal(), secretsOf(t, claims)...)
}

// given are particulars as people give them in a few words.
var given = regexp.MustCompile(`\d[\d -]{4,}\d[Xx]?|[\w.+-]+@[\w.-]+|https?://\S+|(?i:微信|vx|wx|qq)(?:号|是|:|：|\s)*[A-Za-z0-9_-]{5,}` +
	`|(?:我叫|我姓|叫我|名叫)\p{Han}{1,4}|\p{Han}{2,8}(?:路|街|巷|道|村|区|苑|园|里)[0-9０-９一二三四五六七八九十]+(?:号|號|栋|座|幢)[0-9A-Za-z\p{Han}-]{0,8}|[0-9一二三四五六七八九十]+(?:号|栋|座|幢|单元|室|房)[0-9]*`)

// Scrub takes particulars out of a few words: those that are known, and what
// looks like them. A social worker reads what is left.
func Scrub(text string, known ...string) string {
	for _, k := range known {
		if utf8.RuneCountInString(k) > 1 {
			text = strings.ReplaceAll(text, k, "…")
		}
	}
	return given.ReplaceAllString(text, "…")
}
