package hotline

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
)

// register keeps calls as records do, longer than a line lives.
type register struct {
	mu     sync.Mutex
	calls  map[string]Cut
	toDo   map[string]bot.CitizenID
	begins map[string]time.Time
}

func newRegister() *register {
	return &register{calls: map[string]Cut{}, toDo: map[string]bot.CitizenID{}, begins: map[string]time.Time{}}
}

func (r *register) Goes(_ context.Context, call string, citizen bot.CitizenID, operator string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[call] = Cut{call, citizen, bot.Address{Channel: bot.Hotline, ID: strings.TrimPrefix(string(citizen), "p-")}, operator}
	return nil
}

func (r *register) Left(_ context.Context, call string, citizen bot.CitizenID, operator string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.toDo[operator], r.begins[operator] = citizen, time.Now()
	return nil
}

func (r *register) Over(_ context.Context, call string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.calls, call)
	return nil
}

func (r *register) Cut(context.Context) ([]Cut, error) { return r.going(), nil }

func (r *register) Owes(_ context.Context, operator string) (time.Time, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	since, owes := r.begins[operator]
	return since, owes, nil
}

func (r *register) going() []Cut {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.calls))
}

func (r *register) owed(operator string) bot.CitizenID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.toDo[operator]
}

func (r *register) writeUp(operator string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.toDo, operator)
	delete(r.begins, operator)
}

// TestCutOff: a process dies while one caller talks to the bot, one to an
// operator and one without a number to the bot. The next one calls back whom it
// can, frees the operator and has them write the call up; a line that was closed
// in order owes nobody.
func TestCutOff(t *testing.T) {
	t.Parallel()
	s, debts, kept := asking(), &owed{}, newRegister()
	operator := hotlinetest.NewPhone(t, 2)
	furnish := func(c *Config) {
		c.Operators, c.Callbacks, c.Calls = []string{operator.URI("800")}, debts, kept
		c.People = phoneBook{"800": "甲"}
	}
	l := openLine(t, s, furnish)
	phone := hotlinetest.NewPhone(t, 4)
	talking, holding := phone.MustDial(l.uri(), "13800000001"), phone.MustDial(l.uri(), "13800000002")
	phone.MustDial(l.uri(), "anonymous")
	eventually(t, "three calls to be kept", func() bool { return len(kept.going()) == 3 })
	talking.Press("0")
	leg := operator.Incoming()
	leg.Press("1")
	with := func() string {
		for _, c := range kept.going() {
			if c.From.ID == Unproven+"13800000001" {
				return c.Operator
			}
		}
		return ""
	}
	eventually(t, "the taking to be kept", func() bool { return with() == "甲" })

	// What a process that dies leaves behind, as the next one finds it.
	left := newRegister()
	for _, c := range kept.going() {
		left.calls[c.Call] = c
	}
	after := asking()
	openLine(t, after, func(c *Config) { furnish(c); c.Calls = left })
	eventually(t, "the making up", func() bool { return len(left.going()) == 0 })
	got := debts.list()
	slices.Sort(got)
	if want := []string{Unproven + "13800000001 通话因系统故障中断", Unproven + "13800000002 通话因系统故障中断"}; !slices.Equal(got, want) {
		t.Errorf("called back are %v", got)
	}
	if left.owed("甲") != "p-"+Unproven+"13800000001" || !slices.Equal(after.done(), []string{"finish back=false"}) {
		t.Errorf("to be written up %q, deeds %v", left.owed("甲"), after.done())
	}
	if !slices.Contains(after.settled, finishing) {
		t.Error("the next call begins with the end of this one")
	}
	if got := after.heard(); !slices.Equal(got, []string{"hangup", "hangup", "hangup"}) {
		t.Errorf("the engine was told %v", got)
	}

	holding.Hangup()
	talking.Forget()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := l.Close(ctx); err != nil {
		t.Error(err)
	}
	if talking.FirstSound().IsZero() {
		t.Error("who talks to an operator is not told that the line closes")
	}
	if got := kept.going(); len(got) != 0 {
		t.Errorf("after an orderly end there go on %v", got)
	}
}
