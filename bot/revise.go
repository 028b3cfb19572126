package bot

import (
	"slices"
	"strings"
)

// revised settles several values of one kind told in one breath: where a word
// of correction stands between two, the later holds ("Wednesday, no,
// Thursday"); where both suit ("Wednesday or Thursday") they become one value
// with another reading, as do two services named as one word.
//
// What stands further apart than a breath is no correction of the other; this
// also keeps a flood of particulars from costing the square of their number.
func revised(text string, entities []Entity) []Entity {
	r := []rune(text)
	out := slices.Clone(entities)
	for i := 0; i < len(out); i++ {
		for j := i + 1; j < len(out); j++ {
			if out[j].Start-out[i].End > oneBreath {
				break
			}
			if out[i].Type != out[j].Type || out[j].Start < out[i].End || out[j].Start > len(r) {
				continue
			}
			between := strings.ToLower(string(r[out[i].End:out[j].Start]))
			switch {
			case Mentions(between, takenBack...):
				out = slices.Delete(out, i, i+1)
				i--
			case (slices.Contains(either, strings.Trim(between, " ，,、")) || out[i].Type == Service && between == "") && out[i].Value != out[j].Value:
				out[i].Ambiguity = append(slices.Clone(out[i].Ambiguity), out[j].Value)
				out[i].Text = string(r[out[i].Start:out[j].End])
				out = slices.Delete(out, j, j+1)
			default:
				continue
			}
			break
		}
	}
	return out
}

// oneBreath is how far apart, in characters, two values may stand of which the
// later takes the place of the earlier.
const oneBreath = 60

var (
	takenBack = []string{"哦不", "噢不", "喔不", "不对", "不對", "等等", "等下", "算了", "不是", "改成", "改为", "改到", "换成", "还是", "還是", "应该是", "说错", "更正", "唔系", "唔係", "唔啱", "no,", "no ", "sorry", "i mean", "wait", "rather"}
	either    = []string{"或", "或者", "或是", "或者是", "要么", "都行", "or", "/"}
)

// renamed finds the new value behind "the name is wrong, it is …": the clause
// that follows is read as the answer to that slot's question.
func (s *scene) renamed(t EntityType) (Entity, bool) {
	clauses := strings.FieldsFunc(s.u.Text, func(r rune) bool { return strings.ContainsRune("，,。；; ", r) })
	for i, clause := range clauses {
		if i == 0 {
			continue
		}
		u := s.engine.understand.Understand(Utterance{Text: clause, Now: s.now, Asked: t})
		for _, e := range u.Entities {
			if e.Type == t {
				return e, true
			}
		}
	}
	return Entity{}, false
}

// destinations drops the places a citizen only lives in or comes from, where
// another place is told too: 我住虎门，想去长安办.
func destinations(text string, entities []Entity) []Entity {
	r := []rune(text)
	var from, to int
	lives := func(e Entity) bool {
		before := string(r[max(e.Start-3, 0):min(max(e.Start, 0), len(r))])
		return slices.ContainsFunc([]string{"住", "住在", "家在", "户口在", "老家", "来自", "从", "喺屋企", "live in ", "from "}, func(w string) bool { return strings.HasSuffix(before, w) })
	}
	place := func(e Entity) bool { return e.Type == Town || e.Type == Hall }
	for _, e := range entities {
		if place(e) && lives(e) {
			from++
		} else if place(e) {
			to++
		}
	}
	if from == 0 || to == 0 {
		return entities
	}
	return slices.DeleteFunc(slices.Clone(entities), func(e Entity) bool { return place(e) && lives(e) })
}

// relabelled hears a correction that names the slot and tells the new words:
// 最急的改成轮椅, 地址换成河田村15号.
func (s *scene) relabelled() []Command {
	for i := range s.flow().Slots {
		slot := &s.flow().Slots[i]
		named := slices.ContainsFunc(s.u.Entities, func(e Entity) bool { return slices.Contains(slot.Types, e.Type) })
		if !slot.Free || named || slot.Label == "" || !s.form().Has(slot.Name) && !s.form().Passed(slot.Name) {
			continue
		}
		_, rest, found := strings.Cut(s.u.Text, slot.Label)
		if !found {
			continue
		}
		for _, cue := range []string{"改成", "改为", "换成", "应该是", "不对，是", "错了，是", "更正为"} {
			if _, words, ok := strings.Cut(rest, cue); ok && strings.TrimSpace(words) != "" {
				words = strings.Trim(words, " 。，,")
				return []Command{{Do: DoCorrect, Slot: slot.Name, Entity: Entity{Text: words, Value: words}}}
			}
		}
	}
	return nil
}

// restates says whether a particular or a wish was told again as it is already
// known.
func (s *scene) restates() bool {
	if has(s.u.Acts, Anonymous) && s.form().Has("anonymous") || has(s.u.Acts, Confidential) && s.form().Has("confidential") {
		return true
	}
	return slices.ContainsFunc(split(s.flow(), s.u.Entities), func(e Entity) bool {
		slot := s.slotFor(e, nil)
		return slot != nil && s.form().Get(slot.Name) == e.Value
	})
}

// spills proposes the words beside a told particular for a slot that looks
// for such words: "厚街 河田村15号" is a town and the address in it.
func (s *scene) spills(commands []Command) []Command {
	asked := s.askedSlot()
	if asked == nil || asked.Free || len(commands) > 2 || has(s.u.Acts, Correct) {
		return nil
	}
	told := make([]Entity, 0, len(commands))
	for _, c := range commands {
		told = append(told, c.Entity)
	}
	rest := bare(s.besides(told))
	if len(commands) > 0 && !takesOne(asked, Town) {
		return nil
	}
	name := len(commands) == 1 && commands[0].Slot == asked.Name && len(s.u.Acts) == 0 && strings.HasSuffix(s.u.Text, rest) // 寮步松湖居
	form := s.form()
	for i := range s.flow().Slots {
		slot := &s.flow().Slots[i]
		if slot.Looks == nil || form.Has(slot.Name) || !slot.Looks(rest) && !(name && slot.Takes != nil && slot.Takes(rest)) {
			continue
		}
		return []Command{{Do: DoSet, Slot: slot.Name, Entity: Entity{Text: rest, Value: rest}}}
	}
	return nil
}

// bare is a place without the words that lead to it: 在 宏图路 is 宏图路.
func bare(place string) string {
	place = strings.Trim(place, " ，,。")
	for _, lead := range []string{"我就在", "我在", "我喺", "就在", "在", "喺", "位于"} {
		if rest, found := strings.CutPrefix(place, lead); found {
			return strings.Trim(rest, " ，,。")
		}
	}
	return place
}
