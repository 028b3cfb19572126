package bot

import (
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
	for act, slot := range map[Act]string{Anonymous: "anonymous", Confidential: "confidential"} {
		if has(s.u.Acts, act) && s.flow().slot(slot) != nil && !s.form().Has(slot) {
			commands = append(commands, Command{Do: DoSet, Slot: slot, Entity: Entity{Text: s.u.Text, Value: "yes"}})
		}
	}
	return commands
}

// plainYes says whether a yes is all that was said.
func (s *scene) plainYes() bool {
	u := &s.u
	return has(u.Acts, Yes) && !has(u.Acts, No) && !has(u.Acts, Correct) && !u.Question && len(u.Entities) == 0 && short(u.Text)
}

// tellsMore says whether words that also held particulars tell the story that
// was asked for.
func (s *scene) tellsMore(asked *Slot, commands []Command) bool {
	if len(commands) == 0 || has(s.u.Acts, Correct) || len(asked.Types) > 0 && asked.Types[0] != PostalAddress {
		return false
	}
	rest := utf8.RuneCountInString(strings.TrimSpace(s.u.Text))
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
