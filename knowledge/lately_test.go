package knowledge

import (
	"reflect"
	"testing"
	"time"
)

// What many ask is answered from memory; nobody may tell.
func TestAskedAgainIsAnsweredAlike(t *testing.T) {
	b := starterBase(t)
	b.Remember()
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	questions := []Question{
		{Text: "身份证丢了补办多少钱", Now: now},
		{Text: "居住证", Now: now},
		{Text: "那要多少钱", Now: now, Topic: Topic{Guide: "passport", Field: Materials}},
		{Text: "那要多少钱", Now: now, Topic: Topic{Guide: "residence-permit", Field: Materials}},
		{Text: "市民中心周六上班吗", Now: now, Town: "humen", Day: &Day{Date: "2026-11-28"}},
		{Text: "市民中心周六上班吗", Now: now, Town: "humen", Day: &Day{Date: "2026-11-28", Workday: true}},
		{Text: "今晚吃什么", Now: now},
	}
	for _, q := range questions {
		want := b.current.Load().consider(q)
		for range 4 {
			if got := b.Ask(t.Context(), q); !reflect.DeepEqual(got, want) {
				t.Errorf("%q with %+v: %+v, want %+v", q.Text, q.Topic, got, want)
			}
		}
	}
}

func TestWhatLapsedIsNotAnsweredFromMemory(t *testing.T) {
	b := starterBase(t)
	b.Remember()
	guides := append([]Guide(nil), b.Guides()...)
	for i := range guides {
		if guides[i].ID == "passport" {
			guides[i].EffectiveTo = "2026-11-26"
		}
	}
	b.Swap(guides)
	day := time.Date(2026, 11, 26, 23, 59, 0, 0, time.FixedZone("", 8*3600))
	ask := func(at time.Time) Answer {
		return b.Ask(t.Context(), Question{Text: "护照多少钱", Now: at})
	}
	for range 3 {
		if a := ask(day); a.Decision != Answered || a.Guide != "passport" {
			t.Fatalf("on its last day: %s %q", a.Decision, a.Guide)
		}
	}
	if a := ask(day.Add(2 * time.Minute)); a.Decision == Answered && a.Guide == "passport" {
		t.Error("a guide that lapsed at midnight answers from memory")
	}
}
