package notify

import (
	"context"

	"guanjia/bot"
)

// Subscriber sends WeChat's subscription messages (订阅通知), which a citizen
// agreed to beforehand, one at a time.
type Subscriber interface {
	// SendSubscribed fills an approved template. It wraps bot.ErrPermanent
	// where the citizen did not agree.
	SendSubscribed(ctx context.Context, openID, template, page string, data map[string]string) error
}

// Subscribed is the way of subscription messages.
type Subscribed struct {
	To        Subscriber
	Templates map[Kind]string
}

// Name implements Way.
func (s *Subscribed) Name() string { return "subscription" }

// longest is how many characters a field called thing may have.
const longest = 20

// Notify implements Way.
func (s *Subscribed) Notify(ctx context.Context, n Notice) error {
	template := s.Templates[n.Kind]
	if template == "" || n.OpenID == "" {
		return ErrNoWay
	}
	err := s.To.SendSubscribed(ctx, n.OpenID, template, n.Page, map[string]string{
		"thing1": clip(n.Service), "time2": n.When, "thing3": clip(n.Hall), "character_string4": n.Number,
	})
	return noWayIf(err, bot.ErrPermanent)
}

func clip(text string) string {
	r := []rune(text)
	if len(r) <= longest {
		return text
	}
	return string(r[:longest-1]) + "…"
}
