package openai

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/openai/openaitest"
)

// stand starts a stand-in endpoint and a client of it.
func stand(t *testing.T) (*openaitest.Server, *Client) {
	t.Helper()
	server := openaitest.New()
	t.Cleanup(server.Close)
	return server, client(t, server.URL+"/v1", key)
}

func asking() bot.Consultation {
	return bot.Consultation{
		Text:  "帮我弄个〔电话1〕的号",
		Flows: []bot.Named{{ID: "book_appointment", Title: "预约办事"}, {ID: "ask_procedure", Title: "问办事指南"}},
		Slots: []bot.Named{{ID: "date", Title: "日期"}},
	}
}

// TestAbilityIsFoundOnce: the strictest form the endpoint knows is used, and it
// is asked about it once.
func TestAbilityIsFoundOnce(t *testing.T) {
	for want, lacks := range map[string][]string{"schema": nil, "tool": {"schema"}, "object": {"schema", "tool"}} {
		server, c := stand(t)
		server.Lacks(lacks...)
		server.Script(openaitest.Says(`{"commands":[{"do":"start_flow","flow":"book_appointment","flows":[],"slot":"","span":"","question":""}]}`))
		m := c.Model("m")
		for range 3 {
			got, err := m.Propose(t.Context(), asking())
			if err != nil || len(got) != 1 || got[0].Do != bot.DoStart || got[0].Flow != bot.BookAppointment {
				t.Fatalf("%s: %v %v", want, got, err)
			}
		}
		if m.Ability() != want || server.Probes() != len(lacks)+1 {
			t.Errorf("ability %s after %d probes, want %s", m.Ability(), server.Probes(), want)
		}
		for _, q := range server.Seen() {
			if q.Form != want {
				t.Errorf("asked by %s, not %s", q.Form, want)
			}
			if !strings.Contains(q.Body, "additionalProperties") || !strings.Contains(q.Body, "book_appointment") {
				t.Errorf("%s: the form is not told: %s", want, q.Body)
			}
		}
	}
	server, c := stand(t)
	server.Lacks("schema", "tool", "object")
	if _, err := c.Model("m").Propose(t.Context(), asking()); err == nil {
		t.Error("an endpoint without any ability answers")
	}
}

// TestCommandSchema: the form is strict, and its enums are what may be proposed.
func TestCommandSchema(t *testing.T) {
	raw, err := commandSchema(asking())
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties struct {
			Commands struct {
				Items struct {
					Required   []string
					Properties map[string]struct{ Enum []string }
					Additional bool `json:"additionalProperties"`
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	item := s.Properties.Commands.Items
	if len(item.Required) != len(item.Properties) || item.Additional {
		t.Errorf("not strict: %s", raw)
	}
	if got := strings.Join(item.Properties["flow"].Enum, ","); got != ",book_appointment,ask_procedure" {
		t.Errorf("flows %s", got)
	}
	if got := strings.Join(item.Properties["slot"].Enum, ","); got != ",date" {
		t.Errorf("slots %s", got)
	}
	for _, d := range item.Properties["do"].Enum {
		if d == string(bot.DoConfirm) || d == string(bot.DoChoose) {
			t.Errorf("%s may be proposed", d)
		}
	}
}

// TestProposeMisbehaviour: whatever the endpoint does, the caller gets a plain
// error in time, without the key and without what was asked.
func TestProposeMisbehaviour(t *testing.T) {
	server, c := stand(t)
	long := strings.Repeat("啊", maxAnswer)
	for name, answer := range map[string]openaitest.Answer{
		"slow":          openaitest.Slow(time.Minute, openaitest.Says(`{"commands":[]}`)),
		"hangs":         server.Hangs(),
		"hangs midway":  server.HangsMidway(),
		"hangs up":      openaitest.HangsUp(),
		"429":           openaitest.Status(429),
		"500":           openaitest.Status(500),
		"not JSON":      openaitest.Says("好的，我来帮您预约。"),
		"truncated":     openaitest.Says(`{"commands":[{"do":"start_flow","flow":"book_app`),
		"wrong types":   openaitest.Says(`{"commands":"start_flow"}`),
		"other form":    openaitest.Says(`{"answer":"已为您预约成功"}`),
		"nothing":       openaitest.Says(""),
		"no choices":    openaitest.Raw(`{"id":"1","choices":[]}`),
		"broken outer":  openaitest.Raw(`{"id":"1","choi`),
		"a page":        openaitest.Raw("<html>maintenance</html>"),
		"a flood":       openaitest.Says(`{"commands":[],"x":"` + long + `"}`),
		"null commands": openaitest.Says(`{"commands":null}`),
	} {
		t.Run(name, func(t *testing.T) {
			m := c.Model("m")
			if err := m.Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
			server.Script(answer)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if strings.HasPrefix(name, "a flood") {
				ctx = t.Context() // reading a megabyte may take longer than that
			}
			start := time.Now()
			got, err := m.Propose(ctx, asking())
			if err == nil || got != nil {
				t.Fatalf("%v %v", got, err)
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
			for _, secret := range []string{key, "127.0.0.1", "帮我弄个"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
}

// TestUnknownCommandsAreDropped: what may not be proposed does not come through,
// what is fenced does.
func TestUnknownCommandsAreDropped(t *testing.T) {
	server, c := stand(t)
	server.Script(openaitest.Says("```json\n" + `{"commands":[{"do":"confirm"},{"do":"choose","span":"1"},{"do":"rm -rf"},{"do":"repeat"}],"note":"x"}` + "\n```"))
	got, err := c.Model("m").Propose(t.Context(), asking())
	if err != nil || len(got) != 1 || got[0].Do != bot.DoRepeat {
		t.Errorf("%v %v", got, err)
	}
}

// TestBreaker: after five failures nobody waits; after a minute one call tries.
func TestBreaker(t *testing.T) {
	server, c := stand(t)
	m := c.Model("m")
	clock := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	m.rest.now = func() time.Time { return clock }
	if err := m.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Script(openaitest.Status(500))
	for range mostFailures {
		if _, err := m.Propose(t.Context(), asking()); err == nil || errors.Is(err, bot.ErrResting) {
			t.Fatalf("before the rest: %v", err)
		}
	}
	asked := len(server.Seen())
	for range 3 {
		if _, err := m.Propose(t.Context(), asking()); !errors.Is(err, bot.ErrResting) {
			t.Fatalf("in the rest: %v", err)
		}
	}
	if len(server.Seen()) != asked || !m.Resting() {
		t.Error("the endpoint is asked while it rests")
	}
	clock = clock.Add(restTime)
	if _, err := m.Propose(t.Context(), asking()); err == nil || errors.Is(err, bot.ErrResting) {
		t.Fatalf("the trial: %v", err)
	}
	if _, err := m.Propose(t.Context(), asking()); !errors.Is(err, bot.ErrResting) {
		t.Fatalf("after a failed trial: %v", err)
	}
	clock = clock.Add(restTime)
	server.Script(openaitest.Says(`{"commands":[]}`))
	for range 2 {
		if _, err := m.Propose(t.Context(), asking()); err != nil {
			t.Fatalf("back again: %v", err)
		}
	}
	if out := m.Outcomes(); out["commands_failed"] != mostFailures+1 || out["commands_resting"] != 4 || out["commands_answered"] != 2 {
		t.Errorf("counted %v", out)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for range mostFailures + 1 {
		if _, err := m.Propose(cancelled, asking()); errors.Is(err, bot.ErrResting) {
			t.Fatal("callers who gave up make the endpoint rest")
		}
	}
}
