package desk

import (
	"fmt"
	"testing"

	"guanjia/bot"
)

// TestBellLosesNothing: who takes nothing for long finds all whose conversation
// changed, each once, and keeps nobody waiting; who is gone is told no more.
func TestBellLosesNothing(t *testing.T) {
	b := newBell()
	slow, gone := b.follow(), b.follow()
	gone.end()
	for i := range 1000 {
		b.ring(bot.CitizenID(fmt.Sprintf("c%03d", i%500)))
	}
	b.ring("") // nobody's
	<-slow.rung
	if all := slow.take(); len(all) != 500 || all[0] != "c000" || all[499] != "c499" {
		t.Errorf("%d are told of: %v", len(all), all)
	}
	b.ring("c1")
	<-slow.rung
	if all := slow.take(); len(all) != 1 || all[0] != "c1" {
		t.Errorf("then %v", all)
	}
	if len(gone.rung) != 0 || len(gone.take()) != 0 {
		t.Error("who is gone is told")
	}
}
