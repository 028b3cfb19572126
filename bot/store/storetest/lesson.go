package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
)

func (s *installation) lesson(c bot.Citizen, text string, intent bot.Intent) {
	s.t.Helper()
	s.commit(func(tx bot.Tx) error {
		return tx.(bot.LessonKeeper).KeepLesson(bot.Lesson{Citizen: c.ID, Text: text, Was: bot.FileReport, Intent: intent, At: monday})
	})
}

// testLessons: the same words corrected the same way are one lesson, each is
// decided by a person, nobody fills the list, and forgetting takes theirs along.
func testLessons(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	a, b := s.citizen("o1"), s.citizen("o2")
	s.lesson(a, "那张卡想弄一弄", bot.BookAppointment)
	s.lesson(b, "那张卡 想弄一弄", bot.BookAppointment)
	s.lesson(b, "那张卡想弄一弄", bot.AskProcedure)
	s.lesson(b, "这句不知道问什么", "")
	list, err := s.Lessons(ctx, bot.LessonOpen, 10)
	s.must(err)
	if len(list) != 3 || list[0].Times != 2 || list[0].Text != "那张卡想弄一弄" || list[0].Intent != bot.BookAppointment || list[0].Was != bot.FileReport || !list[0].At.Equal(monday) {
		t.Fatalf("lessons %+v", list)
	}
	if err := s.DecideLesson(ctx, list[2].ID, bot.Verdict{Accept: true, By: "amy", At: monday}); !errors.Is(err, store.ErrNoLesson) {
		t.Errorf("one without an intent is accepted: %v", err)
	}
	s.must(s.DecideLesson(ctx, list[0].ID, bot.Verdict{Accept: true, Text: "那张卡想补一补", By: "amy", At: monday}))
	s.must(s.DecideLesson(ctx, list[1].ID, bot.Verdict{By: "amy", At: monday}))
	s.must(s.DecideLesson(ctx, list[2].ID, bot.Verdict{Accept: true, Intent: bot.AskPolicy, By: "amy", At: monday}))
	if err := s.DecideLesson(ctx, list[1].ID, bot.Verdict{Accept: true, By: "amy", At: monday}); !errors.Is(err, store.ErrNoLesson) {
		t.Errorf("a rejected one is decided again: %v", err)
	}
	accepted, err := s.Lessons(ctx, bot.LessonAccepted, 10)
	s.must(err)
	if len(accepted) != 2 || accepted[0].Text != "那张卡想补一补" || accepted[0].Decider != "amy" || accepted[1].Intent != bot.AskPolicy {
		t.Fatalf("accepted %+v", accepted)
	}
	s.must(s.Learnt(ctx, []int64{accepted[0].ID, list[1].ID}, monday))
	if learnt, err := s.Lessons(ctx, bot.LessonLearnt, 10); err != nil || len(learnt) != 1 || learnt[0].ID != accepted[0].ID {
		t.Errorf("learnt %+v %v", learnt, err)
	}
	for i := range 40 {
		s.lesson(a, fmt.Sprintf("第%d句话也不对", i), bot.RequestHelp)
	}
	if list, err := s.Lessons(ctx, bot.LessonOpen, 100); err != nil || len(list) != 20 {
		t.Errorf("one citizen has %d waiting: %v", len(list), err)
	}
	s.must(s.Forget(ctx, a.ID))
	if list, err := s.Lessons(ctx, "", 100); err != nil || len(list) != 2 {
		t.Errorf("after forgetting %d lessons: %v", len(list), err)
	}
}
