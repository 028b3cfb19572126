package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/bottest"
	"guanjia/handlers/healthcode"
)

// ruleFile keeps the health rule file in force as it was read.
type ruleFile struct {
	mu    sync.Mutex
	id    int64
	rules *healthcode.Rules
}

// healthRules is the rule file that two administrators put in force, nil where
// there is none. It was read before it was proposed.
func (h *house) healthRules(now time.Time) *healthcode.Rules {
	for _, v := range h.store.InForce(now) {
		if v.Kind != bot.SwitchHealth {
			continue
		}
		h.inForce.mu.Lock()
		defer h.inForce.mu.Unlock()
		if h.inForce.id != v.ID {
			rules, err := healthcode.ParseRules(v.Text, now)
			if err != nil {
				h.log.Error("read the rule file in force", "switch", v.ID, "error", err)
				return nil
			}
			h.inForce.id, h.inForce.rules = v.ID, rules
		}
		return h.inForce.rules
	}
	return nil
}

// ruleFault says what is wrong with a rule file before it is proposed.
func (h *house) ruleFault(raw string) error {
	_, err := healthcode.ParseRules(raw, h.clock())
	return err
}

// paused refuses what a page does of a topic that is off.
func (h *house) paused(topic bot.Intent) error {
	for _, v := range h.store.InForce(h.clock()) {
		if v.Kind == bot.SwitchTopic && v.Topic == topic {
			return &booking.Paused{Switch: v}
		}
	}
	return nil
}

// urgentNotices are what everybody is to know now: also what is off, before
// somebody fills in a page for it.
func (h *house) urgentNotices() []string {
	var out []string
	for _, v := range h.store.InForce(h.clock()) {
		switch v.Kind {
		case bot.SwitchNotice:
			out = append(out, v.Text)
		case bot.SwitchTopic:
			out = append(out, v.Says(bot.Simplified))
		}
	}
	return out
}

// flip carries out what an administrator does to a switch in a conversation
// test, and says why it was refused, if it was.
func (d *player) flip(ctx context.Context, f bottest.Flip) (refusal string, err error) {
	s, now := d.house.store, d.house.clock()
	if f.Do == "propose" {
		span, err := time.ParseDuration(f.For)
		if err != nil {
			return "", usagef("for: %v", err)
		}
		v := bot.Switch{Kind: bot.SwitchKind(f.Kind), Topic: f.Topic, Text: f.Text, TextEN: f.TextEN, ProposedBy: f.By, ProposedAt: now, Until: now.Add(span)}
		if v.Kind == bot.SwitchHealth {
			if err := d.house.ruleFault(f.Text); err != nil {
				return err.Error(), nil
			}
		}
		_, err = s.ProposeSwitch(ctx, v)
		return refusedSwitch(err)
	}
	all, err := s.Switches(ctx, 1)
	if err != nil || len(all) == 0 {
		return "there is no switch", err
	}
	switch f.Do {
	case "approve", "refuse":
		return refusedSwitch(s.DecideSwitch(ctx, all[0].ID, f.By, f.Do == "approve", now))
	case "end":
		return refusedSwitch(s.EndSwitch(ctx, all[0].ID, f.By, now))
	}
	return "", usagef("a switch is not to be %q", f.Do)
}

func refusedSwitch(err error) (string, error) {
	for _, no := range []error{bot.ErrSameKey, bot.ErrSwitchOver, bot.ErrSwitchBad} {
		if errors.Is(err, no) {
			return no.Error(), nil
		}
	}
	return "", err
}
