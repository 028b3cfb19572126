package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// reply answers a question through its errand; inside a flow the open
// question is then asked again. It returns false where nothing is known and
// another command may do better.
func (e *Engine) reply(ctx context.Context, s *scene, c Command) (bool, error) {
	answer := e.answers[c.Flow]
	if answer == nil {
		return false, nil
	}
	if e.paused(s, c.Flow) {
		return true, nil
	}
	q := &Query{Form: s.form(), Understanding: s.u, Topic: s.conv.Topic, During: s.flowIntent(), Chosen: c.Entity.Value,
		Also: c.Also, Patience: turnPatience - time.Since(s.began)}
	if f := s.flow(); f != nil {
		q.Guide = f.Guide
	}
	if c.Text != "" && c.Text != s.u.Text {
		q.Understanding = e.understand.Understand(Utterance{Text: c.Text, Now: s.now})
	}
	r, err := answer.Reply(ctx, q)
	if err != nil {
		return true, fmt.Errorf("answer %s: %w", c.Flow, err)
	}
	s.consulted(r.Model)
	if r.Keep != nil && s.deed == nil {
		s.deed = r.Keep
	}
	if r.Unknown && (s.u.Decision != Accept || s.flow() != nil) {
		return s.unknown(ctx, e)
	}
	s.conv.Misses = 0
	if r.Unknown {
		s.conv.Misses = 1
	}
	return true, e.respond(ctx, s, r)
}

// unknown is a question nobody could answer, or words that were none.
func (s *scene) unknown(ctx context.Context, e *Engine) (bool, error) {
	if s.flow() == nil {
		return false, nil
	}
	if changes(s.pendingChanges()) {
		return true, e.proceed(ctx, s, nil)
	}
	return true, e.lost(ctx, s)
}

func (s *scene) pendingChanges() []Command {
	var out []Command
	for _, name := range s.trace.Commands {
		if strings.HasPrefix(name, string(DoSet)) || strings.HasPrefix(name, string(DoCorrect)) {
			out = append(out, Command{Do: DoSet})
		}
	}
	return out
}

// respond says an answer and goes back to where the talk was.
func (e *Engine) respond(ctx context.Context, s *scene, r Response) error {
	s.say(r.Replies...)
	if r.Topic.Guide != "" || r.Topic.Text != "" || r.Topic.Of != "" || r.Topic.Field != "" {
		s.conv.Topic = r.Topic
		s.conv.Topic.At = s.now
	}
	if r.Start != nil {
		return e.start(ctx, s, *r.Start)
	}
	if s.flow() != nil {
		if r.Clarify && len(r.Choices) > 0 { // which is meant first, then on with the errand
			goOn := Choice{Text: s.conv.Language.Say("先不问了，接着办", "Never mind, go on")}
			s.ask(Asked{Kind: AskedClarify, Choices: append(slices.Clip(r.Choices), goOn)})
			return nil
		}
		return e.resume(ctx, s)
	}
	kind := AskedOffer
	if r.Clarify {
		kind = AskedClarify
	}
	s.ask(Asked{Kind: kind, Choices: r.Choices})
	if len(r.Choices) == 0 {
		s.conv.Asked = Asked{}
		s.leftovers()
	}
	return nil
}

func (s *scene) flowIntent() Intent {
	if f := s.frame(); f != nil {
		return f.Flow
	}
	return ""
}
