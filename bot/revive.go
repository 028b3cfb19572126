package bot

import (
	"context"
	"regexp"
	"time"
)

// secondThoughts is how long a draft that was given up can be taken up again.
const secondThoughts = 10 * time.Minute

// afterAll is how people say that they want it after all.
var afterAll = regexp.MustCompile(`还是.{0,6}(?:约|办|报|登记|反映|投诉|申请|要|继续|弄)|都系.{0,4}(?:约|办|报)|接着刚才|继续刚才|刚才那个.{0,4}(?:继续|接着|还要|还是)|反悔了|后悔了|after all`)

// giveUp keeps the draft that is being dropped, but for a child's.
func (s *scene) giveUp() {
	if f := s.frame(); f != nil && f.Consent == "" && !s.unguarded && s.flow().Confirm != nil && !s.flow().Undoes {
		kept := f.clone()
		kept.Told = ""
		s.conv.Dropped, s.conv.DroppedAt = &kept, s.now
	}
}

// thinksBetter says whether the citizen wants the draft they just gave up.
func (s *scene) thinksBetter() bool {
	d := s.conv.Dropped
	if d == nil || s.now.Sub(s.conv.DroppedAt) > secondThoughts || s.engine.flows[d.Flow] == nil || hasEntity(&s.u, Service) {
		return false
	}
	return len([]rune(s.u.Text)) <= 16 && !s.u.Question && afterAll.MatchString(s.u.Norm)
}

// revive goes on with it where it stood.
func (e *Engine) revive(ctx context.Context, s *scene) error {
	frame := s.conv.Dropped.clone()
	s.conv.Dropped, s.conv.Misses, s.conv.Asked = nil, 0, Asked{}
	s.bury(frame.Flow)
	s.conv.Frames = append(s.conv.Frames, frame)
	s.noted = ""
	return e.proceed(ctx, s, &Reply{Text: s.conv.Language.Say("好的，接着刚才的，说过的都还在。", "All right, let us go on; all you told is still there.")})
}
