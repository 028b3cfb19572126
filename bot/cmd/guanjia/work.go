package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/bottest"
	"guanjia/bot/ticket"
)

// work carries out what somebody who deals with tickets does in a
// conversation test, and says why it was refused, if it was.
func (d *player) work(ctx context.Context, w bottest.Work) (refusal string, err error) {
	all, err := d.house.store.AllTickets(ctx)
	if err != nil {
		return "", err
	}
	pick := func(n int) (string, error) {
		if n = max(n, 1); n > len(all) {
			return "", usagef("there are %d tickets, not %d", len(all), n)
		}
		return all[n-1].Number, nil
	}
	number, err := pick(w.Ticket)
	if err != nil {
		return err.Error(), nil // the case went another way than its author thought
	}
	c, err := d.commandOf(w)
	if err != nil {
		return "", err
	}
	switch {
	case w.Claim > 0:
		return d.settle(ctx, number, w, c)
	case w.Word > 0:
		return d.pass(ctx, number, w, c)
	}
	if w.Into > 0 {
		if c.Into, err = pick(w.Into); err != nil {
			return "", err
		}
	}
	_, err = d.house.office.Do(ctx, number, c)
	var no *ticket.Refusal
	if errors.As(err, &no) {
		return no.Text, nil
	}
	return "", err
}

// Moves implements bottest.Driver.
func (d *player) Moves(ctx context.Context) ([]string, error) {
	all, err := d.house.store.AllTickets(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, t := range all {
		_, steps, err := d.house.store.Ticket(ctx, t.Number)
		if err != nil {
			return nil, err
		}
		var state ticket.Status
		for _, s := range steps {
			out = append(out, strings.TrimSpace(string(s.Action)+" "+string(state)))
			state = s.Status
		}
	}
	return out, nil
}

// unlived are the moves of the life cycle that no conversation took: each that
// changes the state from every state it may start in, every other at least once.
func unlived(moves map[string]int) []string {
	did := map[string]bool{}
	for m := range moves {
		action, _, _ := strings.Cut(m, " ")
		did[action] = true
	}
	var out []string
	for _, m := range ticket.Moves() {
		switch {
		case m.To != "" && moves[string(m.Action)+" "+string(m.From)] == 0:
			out = append(out, string(m.Action)+" "+string(m.From))
		case m.To == "" && !did[string(m.Action)]:
			out = append(out, string(m.Action))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// settle carries out what is done to a claim: confirm, deliver or release.
func (d *player) settle(ctx context.Context, number string, w bottest.Work, c ticket.Command) (refusal string, err error) {
	claims, err := d.house.store.Claims(ctx, number)
	if err != nil || w.Claim > len(claims) {
		return "there is no such claim", err
	}
	id := claims[w.Claim-1].ID
	switch w.Do {
	case "confirm":
		err = d.house.claiming.Confirm(ctx, number, id, c.By, c.At)
	case "deliver":
		err = d.house.claiming.Deliver(ctx, number, id, c.By, c.Words, bot.Secret(w.Thanks), c.At)
	case "release":
		err = d.house.claiming.Release(ctx, number, id, c.By, w.Words, c.At)
	default:
		return "", usagef("a claim is not to be %q", w.Do)
	}
	var no *ticket.Refusal
	if errors.As(err, &no) {
		return no.Text, nil
	}
	return "", err
}

// pass carries out what is done to a word between the two sides of a wish:
// pass or keep.
func (d *player) pass(ctx context.Context, number string, w bottest.Work, c ticket.Command) (refusal string, err error) {
	words, err := d.house.store.WordsOf(ctx, number)
	if err != nil || w.Word > len(words) {
		return "there is no such word", err
	}
	said := words[w.Word-1]
	switch w.Do {
	case "pass":
		text := c.Words
		if text == "" {
			text = said.Text
		}
		err = d.house.claiming.PassOn(ctx, said.ID, c.By, text, c.At)
	case "keep":
		err = d.house.claiming.KeepBack(ctx, said.ID, c.By, w.Words, c.At)
	default:
		return "", usagef("a word is not to be %q", w.Do)
	}
	var no *ticket.Refusal
	if errors.As(err, &no) {
		return no.Text, nil
	}
	return "", err
}

func (d *player) commandOf(w bottest.Work) (ticket.Command, error) {
	c := ticket.Command{
		Action: ticket.Action(w.Do), By: ticket.Actor{Role: ticket.RoleCentre, Name: "中心"}, At: d.house.clock(),
		Words: bot.Secret(w.Words), Category: w.Sort, Amount: w.Amount, Way: ticket.Way(w.Way), Finding: ticket.Finding(w.Finding), Satisfied: ticket.Verdict(w.Satisfied), Solved: ticket.Verdict(w.Satisfied),
	}
	body, err := ticket.ParseBody(w.As)
	if err != nil {
		return c, usagef("as: %v", err)
	}
	if !body.Centre() {
		c.By = ticket.Actor{Role: roleOf(body), Name: w.As, Body: body}
	}
	if c.To, err = ticket.ParseBody(w.To); err != nil {
		return c, usagef("to: %v", err)
	}
	if w.Until != "" {
		if c.Until, err = time.ParseInLocation(time.DateOnly, w.Until, bot.Shanghai()); err != nil {
			return c, fmt.Errorf("until: %w", err)
		}
	}
	return c, nil
}

// roleOf is the role of those who work for a body.
func roleOf(b ticket.Body) ticket.Role {
	switch {
	case b.Department != "":
		return ticket.RoleDepartment
	case b.Social:
		return ticket.RoleSocial
	case b.Village != "":
		return ticket.RoleVillage
	}
	return ticket.RoleTown
}
