package desk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Mentions is where notices to colleagues are kept until they look.
type Mentions interface {
	Mention(ctx context.Context, citizen bot.CitizenID, by string, names []string, at time.Time) error
	Mentions(ctx context.Context, staff string) ([]bot.Mention, error)
	Looked(ctx context.Context, citizen bot.CitizenID, staff string) error
}

// mentioned is a notice as the page shows it.
type mentioned struct {
	Citizen string `json:"citizen"`
	Who     string `json:"who"`
	By      string `json:"by"`
}

// named are the colleagues a note names with @, who can open the conversation.
func (d *Desk) named(ctx context.Context, id bot.CitizenID, by, text string) ([]string, error) {
	if d.Mentions == nil || !strings.ContainsAny(text, "@＠") {
		return nil, nil
	}
	all, err := d.Accounts.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range all {
		if a.Name == by || !strings.Contains(text, "@"+a.Name) && !strings.Contains(text, "＠"+a.Name) {
			continue
		}
		reached, err := d.reaches(ctx, a, id)
		if err != nil {
			return nil, err
		}
		if reached {
			names = append(names, a.Name)
		}
	}
	return names, nil
}

// nameable is a colleague a note can name.
type nameable struct {
	Name string `json:"name"`
	// Spelt is the name in pinyin, whole and by its initials.
	Spelt []string `json:"spelt"`
	Away  bool     `json:"away"` // not signed in: they read it when they are
}

// nameables are the colleagues who can open a conversation, those who are there
// first.
func (d *Desk) nameables(w http.ResponseWriter, r *http.Request, who Account) {
	id := bot.CitizenID(r.PathValue("citizen"))
	if _, ok := d.known(w, r, who, id); !ok {
		return
	}
	now := d.Clock()
	there, err := d.Records.Present(r.Context(), now.Add(-SessionLife), now.Add(-SessionIdle))
	var all []Account
	if err == nil {
		all, err = d.Accounts.Accounts(r.Context())
	}
	out := []nameable{}
	for _, a := range all {
		if a.Name == who.Name {
			continue
		}
		var reached bool
		if reached, err = d.reaches(r.Context(), a, id); err != nil {
			break
		}
		if reached {
			out = append(out, nameable{a.Name, d.spelt(a.Name), !slices.Contains(there, a.Name)})
		}
	}
	if err != nil {
		d.fail(w, "list colleagues", err)
		return
	}
	slices.SortStableFunc(out, func(a, b nameable) int {
		switch {
		case a.Away == b.Away:
			return 0
		case a.Away:
			return 1
		}
		return -1
	})
	answer(w, http.StatusOK, out)
}

// spelt is a name in pinyin, whole and by its initials.
func (d *Desk) spelt(name string) []string {
	if d.Syllables == nil {
		return []string{}
	}
	whole, initials := "", ""
	for _, s := range d.Syllables(name) {
		whole += s
		first, _ := utf8.DecodeRuneInString(s)
		initials += string(first)
	}
	return []string{strings.ToLower(whole), strings.ToLower(initials)}
}

// notices are whom an account was named about and has not looked at.
func (d *Desk) notices(ctx context.Context, who Account) ([]mentioned, error) {
	out := []mentioned{}
	if d.Mentions == nil {
		return out, nil
	}
	all, err := d.Mentions.Mentions(ctx, who.Name)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		reached, err := d.reaches(ctx, who, m.Citizen)
		if err != nil {
			return nil, err
		}
		if !reached { // another town's by now
			continue
		}
		out = append(out, mentioned{string(m.Citizen), d.name(ctx, m.Citizen), m.By})
	}
	return out, nil
}
