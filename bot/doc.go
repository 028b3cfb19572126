// Package bot holds the words of the service — citizen, message, intent,
// entity, slot, flow, handoff — and the one path a message takes through it:
// channel → Engine → commit → outbox → channel. Standing behaviour of a
// conversation (cancel, correct, repeat, back, skip, silence, digression and
// return, clarification, handoff) lives here, once, and not in each handler.
//
// It refuses to know any technology: it imports the standard library only,
// and meets storage, channels and understanding through small interfaces
// declared beside their use.
package bot
