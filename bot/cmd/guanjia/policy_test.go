package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/config"
)

const published = `
sources: {s: {title: 测试文件}}
policies:
- {id: fresh, title: 小店装修补贴, for: [firm], status: active_until, to: '2027-06-30', published: '2026-11-26', benefit: 补 500 元, who: 个体户, apply: 网上申请, where: 镇街, as_of: 2026 年, source: [s], conditions: [{fact: ent.type, op: '==', value: individual, text: 是个体工商户}]}
- {id: other, title: 大厂补贴, for: [firm], status: active_until, to: '2027-06-30', published: '2026-11-26', benefit: 补 5 万元, who: 公司, apply: 网上申请, where: 镇街, as_of: 2026 年, source: [s], conditions: [{fact: ent.type, op: '==', value: company, text: 是公司}]}
`

// postbox keeps what is sent unasked.
type postbox []string

func (b *postbox) Send(_ context.Context, out bot.Outgoing) error {
	if out.Proactive {
		*b = append(*b, out.Reply.Text)
	}
	return nil
}

// A policy that is published while the service runs is told, once, to those
// it may fit, by day; who does not look shows as overdue; looking and
// answering show too.
func TestPublishedPoliciesReachWhoFollows(t *testing.T) {
	s, _, err := config.Load(config.Input{Flags: map[string]string{"demo": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	h, err := openHouse(t.Context(), opening{settings: s, dir: dir, now: time.Date(2026, 11, 24, 10, 0, 0, 0, testsBegin().Location()), log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	var box postbox
	h.dispatcher.Senders = map[bot.Channel]bot.Sender{bot.Web: &box}
	run := func(at time.Time) []string {
		t.Helper()
		box = nil
		h.moveClock(at)
		if err := h.runDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		return box
	}
	if said := says(t, h, "订阅政策", "企业或个体户"); !strings.Contains(said, "请核对") {
		t.Fatal(said)
	}
	says(t, h, "确认")
	says(t, h, "我们是个体户，有什么补贴适合我", "算了")
	if err := os.MkdirAll(filepath.Join(dir, "policies"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "policies", "new.yaml"), []byte(published), 0o600); err != nil {
		t.Fatal(err)
	}
	day := func(d, hour int) time.Time { return time.Date(2026, 11, d, hour, 0, 0, 0, testsBegin().Location()) }
	if said := run(day(26, 22)); len(said) != 0 {
		t.Errorf("told at night: %v", said)
	}
	if said := run(day(27, 9)); len(said) != 2 || !strings.Contains(strings.Join(said, ""), "小店装修补贴") || !strings.Contains(said[0], "退订政策") {
		t.Errorf("told %v", said)
	}
	if said := run(day(28, 9)); len(said) != 0 {
		t.Errorf("told again: %v", said)
	}
	figures, err := h.store.PolicyFigures(t.Context(), day(28, 9))
	if err != nil || len(figures) != 2 || figures[0].Matched != 1 {
		t.Errorf("%+v %v", figures, err)
	}
	if said := says(t, h, "看政策提醒"); !strings.Contains(said, "小店装修补贴") || !strings.Contains(said, "现行") {
		t.Errorf("%s", said)
	}
	says(t, h, "看“小店装修补贴”", "我要申请")
	figures, err = h.store.PolicyFigures(t.Context(), day(28, 9))
	if err != nil || figures[0].Seen != 1 || figures[0].Applying != 1 {
		t.Errorf("%+v %v", figures, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "policies", "new.yaml"), []byte("policies: [{id: broken}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if h.policies.Look() == nil || h.policies.Catalogue().Policy("fresh") == nil {
		t.Error("a faulty file took the place of good policies")
	}
}

func TestDeskShowsPolicies(t *testing.T) {
	d := serve(t, going(tuesday()))
	a := d.colleague("陈静")
	admin := newClient(t, d.inner)
	admin.signIn("admin", d.admin)
	must(t, a.get("/desk/policies"), 403)
	page := admin.get("/desk/policies")
	must(t, page, 200)
	for _, want := range []string{"六税两费减半", "匹配", "送达", "超时", "没有查到延续"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
