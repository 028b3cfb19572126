package main

import (
	"context"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// requests is where the citizens' pages follow requests: each deed a commit.
type requests struct {
	*store.Store
	house *house
}

func (r requests) Do(ctx context.Context, number string, c ticket.Command, yes *bot.SeparateConsent) (ticket.Ticket, error) {
	return r.house.doAgreed(ctx, number, c, yes)
}

// doAgreed carries a command out together with the citizen's yes to what is
// sensitive in its words; nil where there is none.
func (h *house) doAgreed(ctx context.Context, number string, c ticket.Command, yes *bot.SeparateConsent) (t ticket.Ticket, err error) {
	err = h.store.Commit(ctx, func(tx bot.Tx) error {
		if t, err = h.office.DoIn(ctx, tx, number, c); err != nil || yes == nil {
			return err
		}
		return tx.Consent(*yes)
	})
	return t, err
}

func (r requests) Say(ctx context.Context, w ticket.Word) error {
	return r.Store.Commit(ctx, func(tx bot.Tx) error {
		_, err := r.house.claiming.Say(ctx, tx, w)
		return err
	})
}

func (r requests) GiveUp(ctx context.Context, wish string, by bot.CitizenID, at time.Time) error {
	return r.Store.Commit(ctx, func(tx bot.Tx) error { return r.house.claiming.GiveBack(ctx, tx, wish, by, at) })
}

func (r requests) WishTexts(ctx context.Context) (map[string]string, error) {
	all, err := r.Store.Wishes(ctx, ticket.WishQuery{})
	texts := map[string]string{}
	for _, w := range all {
		texts[w.Number] = w.Text
	}
	return texts, err
}

func (r requests) Keep(ctx context.Context, of bot.CitizenID, a bot.Attachment, at time.Time) (string, error) {
	return r.house.keepPicture(ctx, of, a, at)
}

// Picture is one a citizen sent themselves.
func (r requests) Picture(ctx context.Context, of bot.CitizenID, id string) (bot.Attachment, error) {
	a, owner, err := r.Store.Attachment(ctx, id)
	if err == nil && owner != of {
		err = store.ErrNoCitizen
	}
	return a, err
}
