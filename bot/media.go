package bot

import (
	"context"
	"strings"
)

// redrawn is what is kept of an attachment, nil where a picture is none.
func (e *Engine) redrawn(a *Attachment) *Attachment {
	if e.redraw == nil || a == nil || a.Kind != "image" || len(a.Bytes) == 0 {
		return a
	}
	clean, mediaType, err := e.redraw(a.Bytes)
	if err != nil {
		return nil
	}
	return &Attachment{Kind: a.Kind, Type: mediaType, Name: a.Name, Bytes: clean}
}

// picture keeps an image with the errand that wants one.
func (e *Engine) picture(ctx context.Context, s *scene) error {
	flow := s.flow()
	if a := s.in.Attachment; a == nil || len(a.Bytes) == 0 { // its channel could not fetch it, or it is none
		s.sayText("照片没有传过来，麻烦再发一次或换一张；不发也可以接着办。", "The picture did not come through. Please send it again or another one, or go on without it.")
		if flow != nil {
			return e.resume(ctx, s)
		}
		return nil
	}
	if flow != nil && flow.slot("attachment") != nil {
		return e.attach(ctx, s)
	}
	if flow != nil {
		s.sayText("照片收到了，办这件事用不到，我先替您留着。", "I have your picture; it is not needed for this, but I will keep it.")
		return e.resume(ctx, s)
	}
	s.sayText("照片收到了。您想用它办什么？", "I have your picture. What is it about?")
	choices := s.errands(FileReport, RequestHelp, TalkToOperator)
	s.ask(Asked{Kind: AskedOffer, Choices: choices})
	s.deedKeep(func(id string) { s.carry("attachment", Value{Value: id}) })
	return nil
}

// attach puts the picture on the form and goes on: it may be all that was
// missing. Its id is known only once it is kept, in the commit, before what the
// errand itself does there.
func (e *Engine) attach(ctx context.Context, s *scene) error {
	v, _ := s.form().Value("attachment")
	put := func(id string) {
		ids := strings.TrimPrefix(v.Value+","+id, ",")
		s.form().Set("attachment", Value{Value: ids, Shown: s.conv.Language.Say("已收到照片", "picture received")})
	}
	s.deedKeep(func(id string) {
		put(id)
		if s.frame().Told != "" {
			s.frame().Told = digest(s.frame()) // the summary said that there is one
		}
		s.note()
	})
	keep := s.deed
	put("-")
	s.deed = nil
	s.sayText("照片收到了，会附在登记里。", "I have your picture and will attach it.")
	if err := e.resume(ctx, s); err != nil {
		return err
	}
	do := s.deed
	s.deed = func(ctx context.Context, tx Tx) error {
		if err := keep(ctx, tx); err != nil || do == nil {
			return err
		}
		return do(ctx, tx)
	}
	return nil
}

// deedKeep stores the turn's attachment inside the commit and hands its id on.
func (s *scene) deedKeep(use func(id string)) {
	if s.in.Attachment == nil {
		return
	}
	s.deed = func(_ context.Context, tx Tx) error {
		id, err := tx.Keep(s.citizen.ID, *s.in.Attachment, s.now)
		if err != nil {
			return err
		}
		s.kept = id
		use(id)
		return nil
	}
}

// located keeps a place with the errand that wants one, and with it the town
// and the address that its label names.
func (e *Engine) located(ctx context.Context, s *scene) error {
	flow := s.flow()
	s.conv.Near = Near{s.in.Latitude, s.in.Longitude, s.now}
	if asked := s.askedSlot(); asked != nil && takesOne(asked, Hall) && flow.slot("location") == nil {
		s.sayText("位置收到了，近的排在前面。", "I have your location; the nearest come first.")
		return e.resume(ctx, s)
	}
	if flow != nil && flow.slot("location") == nil {
		s.sayText("位置收到了，办这件事用不到。", "I have your location; it is not needed for this.")
		return e.resume(ctx, s)
	}
	if flow == nil {
		s.sayText("位置收到了。您想用它办什么？", "I have your location. What is it about?")
		s.ask(Asked{Kind: AskedOffer, Choices: s.errands(FileReport, RequestHelp, BookAppointment)})
		s.carry("location", Value{Value: coordinates(s.in.Latitude, s.in.Longitude)})
		return nil
	}
	s.sayText("位置收到了。", "I have your location.")
	commands := []Command{{Do: DoSet, Slot: "location", Entity: Entity{
		Text: s.in.Text, Value: coordinates(s.in.Latitude, s.in.Longitude),
	}}}
	return e.apply(ctx, s, append(commands, s.labelled(flow)...))
}

// labelled sets what a place's label tells and the citizen has not told.
func (s *scene) labelled(flow *Flow) []Command {
	label, form := strings.TrimSpace(s.in.Text), s.form()
	if label == "" {
		return nil
	}
	var commands []Command
	if flow.slot("town") != nil && !form.Has("town") {
		for _, en := range s.engine.understand.Understand(Utterance{Text: label, Now: s.now, Asked: Town}).Entities {
			if en.Type == Town {
				commands = append(commands, Command{Do: DoSet, Slot: "town", Entity: en})
				break
			}
		}
	}
	if flow.slot("address") != nil && !form.Has("address") {
		commands = append(commands, Command{Do: DoSet, Slot: "address", Entity: Entity{Type: PostalAddress, Text: label, Value: label}})
	}
	return commands
}

// carry takes what was sent before any errand along into the one chosen.
func (s *scene) carry(slot string, v Value) {
	for i, c := range s.conv.Asked.Choices {
		if flow := s.engine.flows[c.Flow]; flow != nil && flow.slot(slot) != nil {
			s.conv.Asked.Choices[i].Slot, s.conv.Asked.Choices[i].Value = slot, v
		}
	}
}
