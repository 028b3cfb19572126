package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// summarise reads everything back and binds the yes to it.
func (e *Engine) summarise(ctx context.Context, s *scene, flow *Flow) error {
	form := s.apartForm(s.apart())
	reply, err := flow.Confirm(ctx, form)
	var problem *Problem
	if errors.As(err, &problem) {
		return e.refused(ctx, s, problem)
	}
	if err != nil {
		return fmt.Errorf("sum up %s: %w", flow.Intent, err)
	}
	s.frame().Told = digest(s.frame())
	s.say(reply)
	s.ask(Asked{Kind: AskedConfirm, Apart: len(form.apart) > 0, Choices: s.confirmations(flow, len(form.apart) > 0)})
	if flow.Reserve != nil {
		s.deed = func(ctx context.Context, tx Tx) error { return flow.Reserve(ctx, tx, s.form()) }
	}
	return nil
}

// release gives back what the errand under way kept for the citizen.
func (s *scene) release() {
	flow := s.flow()
	if flow == nil || flow.Release == nil {
		return
	}
	frame := s.frame().clone()
	s.deed = func(ctx context.Context, tx Tx) error { return flow.Release(ctx, tx, s.formOf(&frame)) }
}

// confirmations are the answers offered to a summary; apart: it asks for
// sensitive particulars besides.
func (s *scene) confirmations(flow *Flow, apart bool) []Choice {
	if flow.Undoes {
		return s.yesNo("确认取消", "Yes, cancel it", "先不取消", "No, keep it")
	}
	l := s.conv.Language
	yes := []Choice{{Text: l.Say("确认", "Confirm")}}
	if apart {
		yes = s.writeOrNot()
	}
	return append(yes, Choice{Text: l.Say("修改", "Change")}, Choice{Text: l.Say("取消", "Cancel")})
}

// digest identifies the values a summary showed.
func digest(f *Frame) string {
	names := make([]string, 0, len(f.Slots))
	for name := range f.Slots {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s=%s/%s\n", name, f.Slots[name].Value, f.Slots[name].End)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// pending says that nothing is done before the yes, which may take its time;
// the summary that was shown still stands.
func (s *scene) pending() {
	s.conv.Misses = 0
	s.note()
	s.sayText("还没有提交。不急，想好了回“确认”就行。", "Nothing is submitted yet. Take your time and say \"confirm\" when you are ready.")
	s.choices = s.conv.Asked.Choices
}

// confirm commits if the yes belongs to the summary that stands.
func (e *Engine) confirm(ctx context.Context, s *scene) error {
	flow := s.flow()
	if e.paused(s, flow.Intent) {
		return nil
	}
	if s.frame().Told == "" || s.frame().Told != digest(s.frame()) {
		return e.proceed(ctx, s, nil)
	}
	if flow.Check != nil {
		problem, err := flow.Check(ctx, s.form())
		if err != nil {
			return fmt.Errorf("check %s: %w", flow.Intent, err)
		}
		if problem != nil {
			return e.refused(ctx, s, problem)
		}
	}
	if kinds, _ := s.apart(); len(kinds) > 0 {
		if !s.agreed {
			s.askApart(kinds)
			return nil
		}
		s.consent = s.consentApart(flow, kinds)
	}
	s.perform(flow)
	return nil
}

// finish ends a flow that needs no yes: it shows what was asked for, or does
// the deed.
func (e *Engine) finish(ctx context.Context, s *scene, flow *Flow) error {
	if flow.Show == nil {
		s.perform(flow)
		return nil
	}
	replies, err := flow.Show(ctx, s.form())
	var problem *Problem
	if errors.As(err, &problem) {
		return e.refused(ctx, s, problem)
	}
	if err != nil {
		return fmt.Errorf("show %s: %w", flow.Intent, err)
	}
	if len(replies) == 0 {
		s.perform(flow)
		return nil
	}
	s.conv.Misses = 0
	s.note()
	s.say(replies...)
	s.over(flow)
	return nil
}

// over takes a flow that is done off the stack and offers what it leads to.
func (s *scene) over(flow *Flow) {
	var choices []Choice
	if flow.After != nil {
		var topic Topic
		choices, topic = flow.After(s.form())
		s.conv.Topic = topic
		s.conv.Topic.At = s.now
	}
	s.pop()
	if len(choices) > 0 && len(s.conv.Frames)+len(s.conv.Waiting) == 0 {
		s.ask(Asked{Kind: AskedOffer, Choices: choices})
		return
	}
	s.leftovers()
}

// perform has the flow's deed done in the turn's commit.
func (s *scene) perform(flow *Flow) {
	s.conv.Misses = 0
	s.note()
	s.deed = func(ctx context.Context, tx Tx) error {
		replies, err := flow.Commit(ctx, tx, s.form())
		if err != nil {
			return err
		}
		s.note()
		s.say(replies...)
		if flow.Hears != nil {
			s.whereItWas()
			return nil
		}
		s.conv.Done = s.now
		for i := range flow.Slots {
			if slot := &flow.Slots[i]; slices.Contains(slot.Types, Service) && s.form().Has(slot.Name) {
				s.conv.Topic = Topic{Guide: s.form().Get(slot.Name), Title: s.frame().Slots[slot.Name].Shown, At: s.now} // "what do I bring?" may follow
			}
		}
		s.over(flow)
		return nil
	}
}
