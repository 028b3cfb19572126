package hotline

import (
	"context"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/speech"
)

// longestNumber is how many digits are collected before they are sent on.
const longestNumber = 30

// shortestProof is how many digits a proof has at least; a single key goes on
// without one.
const shortestProof = 6

// key has one key. Whatever is being said stops, so that a caller who knows
// the way need not wait. Digits are collected until a pause or #: the engine
// knows whether they are a number or a choice. 0 alone is a person at once,
// and * says it again; * before a digit sets the voice.
func (t *talk) key(ctx context.Context, k rune) {
	if t.leg != nil {
		t.leg.sound.Press(k)
		return
	}
	t.back()
	if t.parting || t.handling == bot.ByPerson || t.surveyed(ctx, k) {
		return
	}
	if !t.mouth.firm() {
		if cut := t.hush(); len(cut) > 0 {
			t.cut = cut
			t.noteInterruption()
		}
	}
	t.silentAt, t.silences = time.Time{}, 0
	if k == '*' && t.digits != "" {
		t.digits = "" // mistyped: the question again
	}
	t.digits += string(k)
	switch {
	case k == '#' || len(t.digits) >= longestNumber:
		t.send(ctx)
	case t.digits == "0" && t.offered > 0 && !t.proving:
		t.send(ctx)
	case len(t.digits) == 2 && t.digits[0] == '*':
		t.send(ctx)
	case len(t.digits) == 11 && t.digits[0] == '1' && !t.proving:
		t.send(ctx)
	case len(t.digits) == 1 && t.offered > 0 && !t.proving && k != '*':
		t.digitsAt = time.Now().Add(t.line.Times.NextKey)
	default:
		t.digitsAt = time.Now().Add(t.line.Times.KeyGap)
	}
}

// send gives the digits collected to the engine.
func (t *talk) send(ctx context.Context) {
	digits := t.digits
	t.digits, t.digitsAt = "", time.Time{}
	if len(digits) == 2 && digits[0] == '*' && t.setting(ctx, digits[1]) {
		return
	}
	if proof := strings.Trim(digits, "#*"); t.proving && len(proof) >= shortestProof {
		t.give(task{proof: proof})
		return
	}
	t.proving = false
	in := bot.Inbound{Event: bot.EventDigits, EventKey: digits}
	if n, err := strconv.Atoi(digits); err == nil && len(digits) <= 2 && t.line.Ears == nil && t.offered > 0 && n > t.offered {
		t.say(ctx, t.words().noSuchKey)
		in.EventKey, in.ByLine = "*", true // the question again
	}
	t.give(task{in: in, ended: time.Now()})
}

// setting changes the voice: *1 Mandarin, *2 Cantonese, *3 slower and louder,
// *4 as usual; *7 proves the caller's number. The question is then said again.
func (t *talk) setting(ctx context.Context, k byte) bool {
	switch k {
	case '1':
		t.manner.Language = speech.Mandarin
	case '2':
		t.manner.Language = speech.Cantonese
	case '3':
		t.elders()
	case '4':
		t.manner.Slow = false
		t.louder(usualGain)
	case '7':
		if !t.unproven() {
			return false
		}
		t.startProof(ctx)
		return true
	default:
		return false
	}
	t.resettle(ctx)
	return true
}

// resettle goes on in another voice: it is remembered, and the question said
// again.
func (t *talk) resettle(ctx context.Context) {
	t.silences = 0
	t.prefer()
	t.say(ctx, t.words().changed)
	t.give(task{in: bot.Inbound{Event: bot.EventDigits, EventKey: "*", ByLine: true}})
}
