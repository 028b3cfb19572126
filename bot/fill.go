package bot

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// fills proposes slot values of what the citizen told: entities, negations,
// corrections by name, repairs of digits.
func (s *scene) fills() []Command {
	flow, frame := s.flow(), s.frame()
	var commands []Command
	if c := s.repairs(); c != nil {
		return c
	}
	if c := s.relabelled(); c != nil {
		return c
	}
	told := s.u.Entities
	if s.asksOnly() {
		told = slices.DeleteFunc(slices.Clone(told), func(e Entity) bool { return temporal(e.Type) })
	}
	used := map[string]bool{}
	for i := range flow.Slots {
		if c, found := s.finds(&flow.Slots[i]); found {
			commands = append(commands, c)
		}
	}
	for _, e := range places(revised(s.u.Text, destinations(s.u.Text, split(flow, told)))) {
		e = s.nameInstead(e)
		slot := s.slotFor(e, used)
		if slot == nil {
			continue
		}
		used[slot.Name] = true
		old, filled := frame.Slots[slot.Name]
		if filled && s.namesPlaceBy(e) {
			continue
		}
		if filled && old.Value == e.Value && len(e.Ambiguity) == 0 {
			if s.takesBack(e) {
				commands = append(commands, Command{Do: DoClear, Slot: slot.Name})
				used[slot.Name] = false
			}
			continue
		}
		if filled && e.Type == Service && s.u.Question && !has(s.u.Acts, Correct) {
			continue // asked about, not chosen instead
		}
		do := DoSet
		if filled {
			do = DoCorrect
		}
		commands = append(commands, Command{Do: do, Slot: slot.Name, Entity: e})
	}
	for _, e := range split(flow, s.u.Negated) {
		if slot := s.slotFor(e, nil); slot != nil {
			commands = append([]Command{{Do: DoAvoid, Slot: slot.Name, Entity: e}}, commands...)
		}
	}
	for _, t := range s.u.Corrected {
		if slot := s.slotFor(Entity{Type: t}, used); slot != nil {
			if e, found := s.renamed(t); found {
				commands = append(commands, Command{Do: DoCorrect, Slot: slot.Name, Entity: e})
			} else if _, filled := frame.Slots[slot.Name]; filled {
				commands = append(commands, Command{Do: DoClear, Slot: slot.Name})
			}
		}
	}
	return inOrder(flow, commands)
}

// places makes one of what was told of a place in several parts: 西平社区宏伟路
// 那边，景湖花园3栋; a village, and later in the telling the road in it.
func places(entities []Entity) []Entity {
	out := entities[:0:0]
	for _, e := range entities {
		at := slices.IndexFunc(out, func(o Entity) bool { return o.Type == PostalAddress })
		if e.Type != PostalAddress || at < 0 {
			out = append(out, e)
			continue
		}
		switch first := &out[at]; {
		case e.Start-first.End <= besidePlace:
			first.Value, first.End = first.Value+"，"+e.Value, e.End
		case village(first.Value) && !Mentions(e.Value, "村", "社区"):
			first.Value += e.Value
		}
	}
	return out
}

// village says whether a place is no more than a village or community.
func village(place string) bool {
	return strings.HasSuffix(place, "村") || strings.HasSuffix(place, "社区")
}

// besidePlace is how far apart, in characters, parts of one place are told.
const besidePlace = 6

// finds reads a slot that finds its own value, where that is new.
func (s *scene) finds(slot *Slot) (Command, bool) {
	if slot.Finds == nil {
		return Command{}, false
	}
	value := slot.Finds(s.u.Text)
	old, filled := s.frame().Slots[slot.Name]
	if value == "" || filled && old.Value == value {
		return Command{}, false
	}
	do := DoSet
	if filled {
		do = DoCorrect
	}
	return Command{Do: do, Slot: slot.Name, Entity: Entity{Text: s.u.Text, Value: value}}, true
}

// inOrder puts commands in the order of the flow's slots: what is refused can
// then offer what fits the slots before it.
func inOrder(flow *Flow, commands []Command) []Command {
	place := func(c Command) int {
		if c.Do == DoAvoid {
			return -1
		}
		return slices.IndexFunc(flow.Slots, func(x Slot) bool { return x.Name == c.Slot })
	}
	slices.SortStableFunc(commands, func(a, b Command) int { return place(a) - place(b) })
	return commands
}

// slotFor is the slot an entity belongs to: the one asked for if it takes the
// type, else the first of the flow that does.
func (s *scene) slotFor(e Entity, used map[string]bool) *Slot {
	if asked := s.askedSlot(); asked != nil && !used[asked.Name] && slices.Contains(asked.Types, e.Type) {
		return asked
	}
	flow := s.flow()
	form := s.form()
	for i := range flow.Slots {
		slot := &flow.Slots[i]
		if !used[slot.Name] && slices.Contains(slot.Types, e.Type) && (slot.Needed == nil || slot.Needed(form) || slot.Ask == nil || takesOne(slot, TicketNo, AppointmentNo) || slot.Types[0] == Phone) {
			return slot
		}
	}
	return nil
}

// split parts a date with a time into its two entities where a flow keeps
// them in two slots.
func split(flow *Flow, entities []Entity) []Entity {
	var out []Entity
	for _, e := range entities {
		if takes(flow, e.Type) {
			out = append(out, e)
			continue
		}
		switch e.Type {
		case DateTime:
			date, clock, ok := strings.Cut(e.Value, "T")
			if !ok {
				continue
			}
			d, t := e, e
			d.Type, d.Value, d.Grain = Date, date, GrainDay
			t.Type, t.Value = Time, clock
			d.Ambiguity, t.Ambiguity = parts(e.Ambiguity, date, clock)
			out = append(out, d, t)
		case DateTimeRange:
			out = append(out, splitRange(e)...)
		default:
			out = append(out, e)
		}
	}
	return out
}

func takes(flow *Flow, t EntityType) bool {
	return slices.ContainsFunc(flow.Slots, func(s Slot) bool { return slices.Contains(s.Types, t) })
}

// parts splits the other readings of an instant into those of its day and of
// its clock time.
func parts(other []string, date, clock string) (dates, clocks []string) {
	for _, o := range other {
		d, c, ok := strings.Cut(o, "T")
		if !ok {
			continue
		}
		if d != date && !slices.Contains(dates, d) {
			dates = append(dates, d)
		}
		if c != clock && !slices.Contains(clocks, c) {
			clocks = append(clocks, c)
		}
	}
	return dates, clocks
}

// splitRange parts "Wednesday morning" into the day and the part of it; a
// range over several days stays days.
func splitRange(e Entity) []Entity {
	from, fromClock, ok := strings.Cut(e.Value, "T")
	to, toClock, ok2 := strings.Cut(e.EndValue, "T")
	if !ok || !ok2 {
		return nil
	}
	d := e
	d.Type, d.Value, d.EndValue, d.Grain = Date, from, "", GrainDay
	d.Ambiguity, _ = parts(e.Ambiguity, from, fromClock)
	if from != to && !(nextDay(from) == to && toClock == "00:00") {
		d.Type, d.EndValue = DateRange, to
		return []Entity{d}
	}
	t := e
	t.Type, t.Value, t.EndValue, t.Ambiguity = TimeRange, fromClock, toClock, nil
	if toClock == "00:00" {
		t.EndValue = "24:00"
	}
	return []Entity{d, t}
}

func nextDay(date string) string {
	t, err := time.Parse("2006-01-02", date)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, 1).Format("2006-01-02")
}

// repairs hears "不是86是89" about a number already given: the digits are
// exchanged inside it, at the last place where they stand.
func (s *scene) repairs() []Command {
	if !has(s.u.Acts, Correct) {
		return nil
	}
	var digits []string
	for _, e := range s.u.Entities {
		if e.Type == Number && len(e.Value) >= 1 && len(e.Value) <= 8 {
			digits = append(digits, e.Value)
		}
	}
	if c := s.retailed(digits); c != nil {
		return c
	}
	if c := s.respelled(); c != nil {
		return c
	}
	if len(digits) != 2 || len(digits[0]) != len(digits[1]) {
		return nil
	}
	for _, slot := range s.flow().Slots {
		if !slices.Contains(slot.Types, Phone) && !slices.Contains(slot.Types, IDNumber) {
			continue
		}
		old := s.frame().Slots[slot.Name].Value
		if i := strings.LastIndex(old, digits[0]); i >= 0 {
			fixed := old[:i] + digits[1] + old[i+len(digits[0]):]
			return []Command{{Do: DoCorrect, Slot: slot.Name, Entity: Entity{Type: slot.Types[0], Text: s.u.Text, Value: fixed}}}
		}
	}
	return nil
}

// retailed hears the last digits of a telephone number told anew: 电话错了，尾号是
// 2223. They take the place of as many.
func (s *scene) retailed(digits []string) []Command {
	if len(digits) != 1 || len(digits[0]) < 2 || len(digits[0]) > 4 || !Mentions(s.u.Norm, "尾号", "最后", "后面", "末尾", "后两位", "后三位", "后四位", "last") {
		return nil
	}
	for _, slot := range s.flow().Slots {
		old := s.frame().Slots[slot.Name].Value
		if !takesOne(&slot, Phone) || len(old) <= len(digits[0]) {
			continue
		}
		fixed := old[:len(old)-len(digits[0])] + digits[0]
		return []Command{{Do: DoCorrect, Slot: slot.Name, Entity: Entity{Type: Phone, Text: s.u.Text, Value: fixed}}}
	}
	return nil
}

// notButIs is "not X, it is Y" of a name: 不是张秀兰，是张秀莲.
var notButIs = regexp.MustCompile(`^(?:不是|不叫|唔系|唔係)(\p{Han}{2,4})[，,。 ]*(?:是|叫|系|係)(\p{Han}{2,4})[。.]?$`)

// respelled hears that of a name told before, whatever is asked for now.
func (s *scene) respelled() []Command {
	m := notButIs.FindStringSubmatch(strings.TrimSpace(s.u.Text))
	if m == nil {
		return nil
	}
	for _, slot := range s.flow().Slots {
		if takesOne(&slot, PersonName) && s.frame().Slots[slot.Name].Value == m[1] {
			return []Command{{Do: DoCorrect, Slot: slot.Name, Entity: Entity{Type: PersonName, Text: m[2], Value: m[2]}}}
		}
	}
	return nil
}

// namesPlaceBy says whether a town's name only stands in the name of the place
// that was asked for: 石龙坑村, told of 寮步. Who says 石龙镇兴龙路 means the town.
func (s *scene) namesPlaceBy(e Entity) bool {
	asked := s.askedSlot()
	if asked == nil || e.Type != Town || !takesOne(asked, PostalAddress) || has(s.u.Acts, Correct) {
		return false
	}
	r := []rune(s.u.Text)
	if e.End < 0 || e.End >= len(r) || !LooksLikeAddress(s.u.Text) {
		return false
	}
	behind := string(r[e.End:])
	for _, whole := range []string{"镇", "鎮", "街道", "的", "那", "这", "呢", "嗰"} {
		if strings.HasPrefix(behind, whole) {
			return false
		}
	}
	return unicode.Is(unicode.Han, r[e.End])
}

// takesBack says whether a value is named as what is not meant: 不是护照，是港澳.
func (s *scene) takesBack(e Entity) bool {
	r := []rune(s.u.Text)
	before := string(r[:min(max(e.Start, 0), len(r))])
	return !s.u.Question && !strings.HasSuffix(before, "是不是") &&
		(strings.HasSuffix(before, "不是") || strings.HasSuffix(before, "唔系") || strings.HasSuffix(before, "唔係"))
}

// nameInstead hears another name told right behind one that is taken back:
// 我叫李娜，不对，用我老公名字，王强.
func (s *scene) nameInstead(e Entity) Entity {
	r := []rune(s.u.Text)
	if e.Type != PersonName || e.End < 0 || e.End > len(r) || !has(s.u.Acts, Correct) {
		return e
	}
	rest := string(r[e.End:])
	parts := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("，,。；; ", r) })
	if len(parts) == 0 || !Mentions(rest, takenBack...) {
		return e
	}
	last := parts[len(parts)-1]
	for _, o := range s.engine.understand.Understand(Utterance{Text: last, Now: s.now, Asked: PersonName}).Entities {
		if o.Type == PersonName && o.Text == last {
			o.Start, o.End = e.Start, e.End
			return o
		}
	}
	return e
}
