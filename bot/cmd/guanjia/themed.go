package main

import (
	"strings"

	"guanjia/bot"
	"guanjia/knowledge/themes"
)

// themed takes words that tell of a whole 一件事 for a question about it, where
// the intent layer saw a booking that nobody asked for, or nothing it was sure of.
type themed struct {
	bot.Understander
	themes *themes.Catalogue
}

// Understand understands, with the themes in mind.
func (m themed) Understand(u bot.Utterance) bot.Understanding {
	made := m.Understander.Understand(u)
	if made.Decision == bot.Danger || made.Abusive || made.Injection || strings.ContainsAny(u.Text, "约約号號") {
		return made
	}
	sure := made.Decision == bot.Accept && made.Intent != bot.BookAppointment && made.Intent != bot.AskPolicy
	if m.themes.Called(u.Text) == nil && (sure || m.themes.Find(u.Text) == nil) {
		return made
	}
	made.Intent, made.Decision = bot.AskProcedure, bot.Accept
	return made
}
