package main

import (
	"context"
	"strings"

	"guanjia/bot"
	"guanjia/bot/ticket"
	"guanjia/channels/open311"
	"guanjia/config"
)

// jurisdiction is the one GeoReport answers to.
const jurisdiction = "dg.gov.cn"

// geoReport makes the public interface of other programs.
func (s *service) geoReport() (*open311.Door, error) {
	h := s.house
	at, err := config.Positions()
	if err != nil {
		return nil, err
	}
	var towns []open311.Town
	for _, t := range h.towns {
		towns = append(towns, open311.Town{ID: t.ID, Name: t.Short(), Aliases: t.Aliases, Lat: at[t.ID].Lat, Long: at[t.ID].Long})
	}
	return open311.New(open311.Config{
		Books: h.store, Filing: h, Categories: catalogueOf(h.departments, h.categories), Towns: towns, Jurisdiction: jurisdiction,
		URL: strings.TrimRight(s.settings.PublicURL, "/"), Clock: h.clock, Log: s.log,
	}), nil
}

// FilePublic implements open311.Filing.
func (h *house) FilePublic(ctx context.Context, from bot.Address, secret, token string, t ticket.Ticket, yes *bot.SeparateConsent) (ticket.Ticket, error) {
	if err := h.paused(bot.FileReport); err != nil {
		return t, ticket.ErrPaused
	}
	citizen, err := h.store.Identify(ctx, from, h.clock())
	if err != nil {
		return t, err
	}
	t.Citizen = citizen.ID
	err = h.store.Commit(ctx, func(tx bot.Tx) (err error) {
		if t, err = h.store.FilePublic(ctx, tx, secret, token, t); err != nil || yes == nil {
			return err
		}
		agreed := *yes
		agreed.ID, agreed.Citizen, agreed.Errand, agreed.Key = string(t.Citizen)+"-"+t.Key+"-s", t.Citizen, bot.FileReport, t.Key
		return tx.Consent(agreed)
	})
	return t, err
}

// Add implements open311.Filing.
func (h *house) Add(ctx context.Context, number, words, key string, yes *bot.SeparateConsent) (ticket.Ticket, error) {
	if yes != nil {
		t, _, err := h.store.Ticket(ctx, number)
		if err != nil {
			return t, err
		}
		agreed := *yes
		agreed.ID, agreed.Citizen = string(t.Citizen)+"-"+key+"-a", t.Citizen
		yes = &agreed
	}
	return h.doAgreed(ctx, number, ticket.Command{
		Action: ticket.DoSupplement, By: ticket.Actor{Role: ticket.RoleCitizen}, At: h.clock(), Words: bot.Secret(words), Key: key,
	}, yes)
}
