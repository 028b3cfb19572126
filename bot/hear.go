package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// tellsParticulars says whether the words hold a particular the errand still
// lacks and next to nothing else: "my number is 138…" asks for no other errand.
func (s *scene) tellsParticulars() bool {
	var told []Entity
	for _, e := range s.u.Entities {
		if slot := s.slotFor(e, nil); slot != nil && takesOne(slot, Phone, PersonName, IDNumber, PostalAddress) {
			told = append(told, e)
		}
	}
	return len(told) > 0 && utf8.RuneCountInString(s.besides(told)) <= 6
}

// wishes hears the wish to stay unknown, where the errand knows such a thing.
func (s *scene) wishes() []Command {
	var commands []Command
	for _, w := range []struct {
		act  Act
		slot string
	}{{Anonymous, "anonymous"}, {Confidential, "confidential"}} {
		if has(s.u.Acts, w.act) && s.flow().slot(w.slot) != nil && !s.form().Has(w.slot) {
			commands = append(commands, Command{Do: DoSet, Slot: w.slot, Entity: Entity{Text: s.u.Text, Value: "yes"}})
		}
	}
	return commands
}

// plainYes says whether a yes is all that was said.
func (s *scene) plainYes() bool { return s.meansYes() && len(s.u.Entities) == 0 && short(s.u.Text) }

// plainNo says whether a no is all that was said.
func (s *scene) plainNo() bool {
	return has(s.u.Acts, No) && len(s.u.Entities) == 0 && short(s.u.Text)
}

// longestYes is how much may be said with a yes, in characters: who says more
// says something else too.
const longestYes = 20

// meansYes says whether what was said can only be a yes: not one that is taken
// back or put off in the same breath.
func (s *scene) meansYes() bool {
	u := &s.u
	return has(u.Acts, Yes) && !has(u.Acts, No) && !has(u.Acts, Correct) && !u.Question &&
		utf8.RuneCountInString(u.Text) <= longestYes && !s.hedges()
}

// hedges hears a yes that is no yes yet: 好的，等我想想.
func (s *scene) hedges() bool {
	return Mentions(s.u.Norm, "但", "不过", "等", "先", "再", "想想", "考虑", "问问", "问一下", "之前", "晚点", "迟点", "看看", "别", "不", "唔好", "唔要", "唔系", "未", "如果", "万一", "没问题吧", "对吧", "可以吧", "but", "wait", "later", "if ", "not", "don't", "before", "think")
}

// keeps hears that nothing is to be cancelled: 别取消, 我不想取消.
func (s *scene) keeps() bool {
	before, _, found := strings.Cut(s.u.Norm, "取消")
	if !found {
		return Mentions(s.u.Norm, "don't cancel", "do not cancel", "not cancel", "keep it")
	}
	r := []rune(before)
	return strings.ContainsAny(string(r[max(len(r)-3, 0):]), "别不唔莫勿未没")
}

// tellsMore says whether words that also held particulars tell the story that
// was asked for.
func (s *scene) tellsMore(asked *Slot, commands []Command) bool {
	if len(commands) == 0 || has(s.u.Acts, Correct) || len(asked.Types) > 0 && asked.Types[0] != PostalAddress {
		return false
	}
	rest := utf8.RuneCountInString(strings.TrimSpace(s.u.Text))
	if asked.Tells != nil && asked.Tells(s.u.Text) {
		rest += 4 // 孩子生病: who it is, and what is the matter
	}
	for _, c := range commands {
		if c.Slot == asked.Name {
			return false
		}
		rest -= utf8.RuneCountInString(c.Entity.Text)
	}
	return rest >= 4
}

// empty says whether words tell nothing a free slot could keep.
func (s *scene) empty(text string) bool {
	return utf8.RuneCountInString(strings.TrimSpace(text)) < 2 || (len(s.u.Acts) > 0 && short(text))
}

func hasEntity(u *Understanding, t EntityType) bool {
	return slices.ContainsFunc(u.Entities, func(e Entity) bool { return e.Type == t })
}

// story is the slot that keeps what happened in the citizen's own words, nil
// where the errand has none.
func (f *Flow) story() *Slot {
	slot := f.slot("text")
	if slot == nil || !slot.Free {
		return nil
	}
	return slot
}

// addsTo says whether words that answer another question, or none, tell more of
// the story besides: 新塘村那边，孩子还发着烧.
func (s *scene) addsTo(story, asked *Slot, telling bool, commands []Command) bool {
	u := &s.u
	if story.Tells == nil || !s.form().Has(story.Name) || u.Question || u.Abusive || u.Injection || has(u.Acts, Correct) || has(u.Acts, Cancel) {
		return false
	}
	var told []Entity
	for _, c := range commands {
		if c.Slot == story.Name {
			return false
		}
		if personal([]EntityType{c.Entity.Type}) || c.Entity.Type == Town {
			told = append(told, c.Entity)
		}
	}
	if telling && asked != nil && len(told) == 0 {
		return false // they answer what was asked
	}
	rest := s.besides(told)
	fact := len(commands) > 0 && !LooksLikeAddress(rest) && utf8.RuneCountInString(labels.ReplaceAllString(rest, "")) >= leastFact
	return (fact || story.Tells(rest)) &&
		!strings.Contains(s.form().Get(story.Name), strings.Trim(rest, " ，,。"))
}

// leastFact is how long, in characters, what stands beside particulars is that
// tells something: 我在石排一个人带两个娃. What only introduces them is not counted, nor is English, whose introductions are longer.
const leastFact = 4

var labels = regexp.MustCompile(`[^\p{Han}]|电话|手机|号码|微信|同号|名字|姓名|称呼|地址|我|你|您|这|那|是|叫|姓|在|住|打|留|请|找|的|了|吧|啊|呀|呢|就|边|里|家|号|镇|村|街道`)

// leans says whether the words, of which nothing is sure, are nearest to the
// errand under way: 有二十几个人.
func (s *scene) leans() bool {
	near := s.u.Intent
	if s.u.Decision == Abstain && len(s.u.Alternatives) > 0 {
		near = s.u.Alternatives[0].Intent
	}
	return near == s.frame().Flow
}

// shortStory is how long, in characters, a story is that has hardly begun.
const shortStory = 12

// goesOn says whether words that answer nothing tell more of the story: people
// remember as they talk. A few characters may as well be mistyped, unless
// something was asked that they cannot answer; a yes or a later (昨晚一点) may
// stand in any telling.
func (s *scene) goesOn(story *Slot) bool {
	u, least := &s.u, 8
	told := []Act{Yes, More, Later, Earlier}
	if asked := s.askedSlot(); asked != nil && asked.Takes != nil && !asked.Takes(u.Text) || s.leans() {
		least = 4
	}
	if utf8.RuneCountInString(s.form().Get(story.Name)) <= shortStory {
		least = 3 // 就是那个垃圾, 没人收, 好几天了: who tells it in drops
	}
	return s.form().Has(story.Name) && utf8.RuneCountInString(strings.TrimSpace(u.Text)) >= least &&
		!slices.ContainsFunc(u.Acts, func(a Act) bool { return !slices.Contains(told, a) }) && !u.Question && !u.Abusive && !u.Injection && !s.notOurs()
}
