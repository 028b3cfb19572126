package desk

import (
	"context"
	"strings"
	"time"

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
	now := d.Clock()
	there, err := d.Records.Present(ctx, now.Add(-SessionLife), now.Add(-SessionIdle))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range there {
		if name == by || !strings.Contains(text, "@"+name) && !strings.Contains(text, "＠"+name) {
			continue
		}
		account, err := d.Accounts.Account(ctx, name)
		if err != nil {
			return nil, err
		}
		reached, err := d.reaches(ctx, account, id)
		if err != nil {
			return nil, err
		}
		if reached {
			names = append(names, name)
		}
	}
	return names, nil
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
