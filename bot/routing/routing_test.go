package routing

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guanjia/bot"
)

func TestAssign(t *testing.T) {
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	on := func(name string, capacity, load int, s Skills) Operator {
		return Operator{Name: name, Presence: On, Capacity: capacity, Load: load, Skills: s}
	}
	english := Skills{Languages: []bot.Language{bot.English, bot.Simplified}}
	for name, c := range map[string]struct {
		waiting   []Waiting
		operators []Operator
		want      string
	}{
		"first come":                    {[]Waiting{{Handoff: 2, Priority: 1}, {Handoff: 1, Priority: 1}}, []Operator{on("a", 1, 0, Skills{})}, "1→a"},
		"an emergency before":           {[]Waiting{{Handoff: 1, Priority: 1}, {Handoff: 2}}, []Operator{on("a", 1, 0, Skills{})}, "2→a"},
		"an emergency to who is full":   {[]Waiting{{Handoff: 1, Priority: 1}, {Handoff: 2}}, []Operator{on("a", 1, 1, Skills{})}, "2→a"},
		"the least busy":                {[]Waiting{{Handoff: 1, Priority: 1}}, []Operator{on("a", 2, 1, Skills{}), on("b", 4, 1, Skills{})}, "1→b"},
		"who was asked longest ago":     {[]Waiting{{Handoff: 1}}, []Operator{{Name: "a", Presence: On, Capacity: 2, Asked: monday}, {Name: "b", Presence: On, Capacity: 2}}, "1→b"},
		"who can do little else":        {[]Waiting{{Handoff: 1, Language: bot.English}}, []Operator{on("a", 2, 0, Skills{}), on("b", 2, 0, english)}, "1→b"},
		"a skill binds":                 {[]Waiting{{Handoff: 1, Priority: 1, Language: bot.English}}, []Operator{on("a", 2, 0, Skills{Languages: []bot.Language{bot.Simplified}}), on("b", 1, 1, english)}, ""},
		"a skill nobody has":            {[]Waiting{{Handoff: 1, Language: bot.English}}, []Operator{on("a", 2, 0, Skills{Languages: []bot.Language{bot.Simplified}})}, "1→a"},
		"a group":                       {[]Waiting{{Handoff: 1, Group: "社保组"}}, []Operator{on("a", 2, 0, Skills{}), on("b", 2, 1, Skills{Groups: []string{"社保组"}})}, "1→b"},
		"away is not asked":             {[]Waiting{{Handoff: 1}}, []Operator{{Name: "a", Presence: Away, Capacity: 4}, {Name: "b", Presence: Off, Capacity: 4}}, ""},
		"another town's waits":          {[]Waiting{{Handoff: 1, Town: "humen"}, {Handoff: 2}}, []Operator{{Name: "a", Presence: On, Capacity: 4, Town: "changan"}}, ""},
		"a town's own":                  {[]Waiting{{Handoff: 1, Town: "humen"}}, []Operator{{Name: "a", Presence: On, Capacity: 4, Town: "humen"}}, "1→a"},
		"what is offered stays offered": {[]Waiting{{Handoff: 1, Offered: "b"}, {Handoff: 2}}, []Operator{on("a", 1, 0, Skills{})}, "2→a"},
	} {
		got := ""
		for _, o := range Assign(c.waiting, c.operators) {
			got += fmt.Sprintf("%d→%s", o.Handoff, o.Operator)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestNobodyWaits (C3) draws queues and operators: after assigning nobody waits
// while someone who can has room, nobody is asked beyond their room or for what
// they cannot, and who came first is never passed over by who could take the
// same operators.
func TestNobodyWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		languages := []bot.Language{"", bot.Simplified, bot.English}
		towns, groups := []string{"", "humen", "changan"}, []string{"", "社保组"}
		some := func(of []string, label string) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(of[1:]), 0, len(of)-1, rapid.ID[string]).Draw(t, label)
		}
		var operators []Operator
		for i := range rapid.IntRange(0, 6).Draw(t, "operators") {
			o := Operator{Name: string(rune('a' + i)), Presence: rapid.SampledFrom([]Presence{On, On, Away, Off}).Draw(t, "presence"),
				Capacity: rapid.IntRange(1, 4).Draw(t, "capacity"), Load: rapid.IntRange(0, 5).Draw(t, "load")}
			o.Towns, o.Groups = some(towns, "towns"), some(groups, "groups")
			for _, l := range some([]string{"", string(bot.Simplified), string(bot.English)}, "languages") {
				o.Languages = append(o.Languages, bot.Language(l))
			}
			operators = append(operators, o)
		}
		var waiting []Waiting
		for i := range rapid.IntRange(0, 12).Draw(t, "waiting") {
			waiting = append(waiting, Waiting{Handoff: int64(i + 1), Priority: rapid.IntRange(0, 2).Draw(t, "priority"),
				Language: rapid.SampledFrom(languages).Draw(t, "language"), Town: rapid.SampledFrom(towns).Draw(t, "town"), Group: rapid.SampledFrom(groups).Draw(t, "group")})
		}
		offers := Assign(waiting, operators)
		to := map[int64]string{}
		after := slices.Clone(operators)
		for _, f := range offers {
			if to[f.Handoff] != "" {
				t.Fatalf("%d is offered twice", f.Handoff)
			}
			to[f.Handoff] = f.Operator
			i := slices.IndexFunc(after, func(o Operator) bool { return o.Name == f.Operator })
			w := &waiting[f.Handoff-1]
			if !Able(w, operators)(&after[i]) || !after[i].free(w.Priority == 0) {
				t.Fatalf("%+v is offered to %+v", w, after[i])
			}
			after[i].Load++
		}
		for i := range waiting {
			w := &waiting[i]
			if to[w.Handoff] != "" {
				continue
			}
			able := Able(w, operators)
			for j := range after {
				if able(&after[j]) && after[j].free(w.Priority == 0) {
					t.Fatalf("%+v waits while %+v has room", w, after[j])
				}
			}
			for k := range waiting { // whoever came later and needs the same got nothing either
				v := &waiting[k]
				if w.before(v) < 0 && w.Language == v.Language && w.Town == v.Town && w.Group == v.Group && to[v.Handoff] != "" {
					t.Fatalf("%+v was passed over for %+v", w, v)
				}
			}
		}
	})
}
