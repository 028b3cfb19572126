package main

import (
	"context"
	"html/template"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
	"guanjia/channels/web"
	"guanjia/channels/web/h5"
	"guanjia/channels/web/wishes"
	"guanjia/config"
)

// wishPages makes the public pages of social claiming.
func (s *service) wishPages() (*wishes.Pages, error) {
	at, err := config.Positions()
	if err != nil {
		return nil, err
	}
	var towns []wishes.Town
	for _, t := range s.house.towns {
		towns = append(towns, wishes.Town{ID: t.ID, Name: t.Short(), Lat: at[t.ID].Lat, Long: at[t.ID].Long})
	}
	ask := template.URL("tel:12345")
	if s.settings.Demo {
		ask = "/"
	}
	return wishes.New(wishes.Config{
		Ask:   ask,
		Large: h5.Large, SizePath: "/h5/size",
		Books: s.house.store, Claim: s.house.claimFrom, Meet: s.chat.Meet, Host: web.Peer, Towns: towns, Tokens: web.Tokens(), Clock: s.house.clock, Log: s.log,
		HostCounts: s.kept("claim-host", time.Hour),
	})
}

// claimFrom takes a claim of whoever an address belongs to.
func (h *house) claimFrom(ctx context.Context, from bot.Address, c ticket.Claim) error {
	citizen, err := h.store.Identify(ctx, from, h.clock())
	if err != nil {
		return err
	}
	c.By = citizen.ID
	return h.store.Commit(ctx, func(tx bot.Tx) error {
		_, err := h.claiming.Claim(ctx, tx, c)
		return err
	})
}
