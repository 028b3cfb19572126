package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
	"guanjia/config"
)

// Of a child nothing particular is kept before a guardian agrees: not in the
// transcript, not in the draft. The yes is recorded and can be taken back, and
// then what is under way on it is gone.
func TestGuardianAgrees(t *testing.T) {
	s, _, err := config.Load(config.Input{Flags: map[string]string{"demo": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), opening{settings: s, dir: t.TempDir(), now: testsBegin(), lent: stand(t).house, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	for i, channel := range []bot.Channel{bot.WeChat, bot.Hotline, bot.Web} {
		t.Run(string(channel), func(t *testing.T) {
			// A number of its own for each: who gives the same one is not one person by it.
			from, phone := bot.Address{Channel: channel, ID: "child"}, "1380013800"+string(rune('0'+i))
			kept := func() string {
				lines, err := h.store.Ending(t.Context(), from, 100)
				if err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				for _, l := range lines {
					all.WriteString(l.Text + "\n")
				}
				id, err := h.store.Known(t.Context(), from)
				if err != nil {
					t.Fatal(err)
				}
				conv, err := h.store.Conversation(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range conv.Frames {
					for _, v := range f.Slots {
						all.WriteString(v.Value + v.Said + "\n")
					}
					all.WriteString(strings.Join(f.Words, "\n"))
				}
				if conv.Awaits != nil {
					all.WriteString(conv.Awaits.Text)
				}
				return all.String()
			}
			if got := tell(t, h, from, "我今年十岁，我叫陈小明，电话"+phone+"，想预约虎门办居住证"); !strings.Contains(got, "同意") {
				t.Fatalf("a child is told %q", got)
			}
			tell(t, h, from, "我的电话是"+phone)
			if all := kept(); strings.Contains(all, phone) || strings.Contains(all, "陈小明") {
				t.Errorf("kept before anybody agreed:\n%s", all)
			}
			tell(t, h, from, "预约虎门办居住证", "我是他妈妈，同意")
			id, err := h.store.Known(t.Context(), from)
			if err != nil {
				t.Fatal(err)
			}
			yes, err := h.store.Consents(t.Context(), id)
			if err != nil || len(yes) != 1 || yes[0].By != "妈妈" || yes[0].Errand != "预约办事" || yes[0].Channel != string(channel) || yes[0].Entry == 0 {
				t.Fatalf("the consents are %+v: %v", yes, err)
			}
			tell(t, h, from, "明天上午九点", "陈小明", phone)
			if all := kept(); !strings.Contains(all, phone) {
				t.Errorf("with a guardian's yes the number is not kept:\n%s", all)
			}
			own := ownData{h}
			proof, err := own.Withdraw(t.Context(), id, yes[0].ID)
			if err != nil || proof.Entry <= yes[0].Entry || proof.Hash == "" {
				t.Fatalf("withdrawn with %+v: %v", proof, err)
			}
			conv, err := h.store.Conversation(t.Context(), id)
			if err != nil || slices.ContainsFunc(conv.Frames, func(f bot.Frame) bool { return f.Consent != "" }) {
				t.Errorf("the errand stands after its consent is gone: %v", err)
			}
			if _, err := own.Withdraw(t.Context(), id, yes[0].ID); err == nil {
				t.Error("withdrawn twice")
			}
			if got := tell(t, h, from, "预约虎门办居住证"); !strings.Contains(got, "同意") {
				t.Errorf("the next errand is not asked for anew: %q", got)
			}
			held, err := own.Account(t.Context(), id)
			if err != nil || !slices.ContainsFunc(held, func(k privacy.Held) bool { return k.Kind == privacy.Consents && k.Count == 1 }) {
				t.Errorf("the account is %+v: %v", held, err)
			}
		})
	}
	t.Run("sensitive", func(t *testing.T) { agreesToSensitive(t, h) })
	from := bot.Address{Channel: bot.Web, ID: "another"}
	for _, words := range []string{"我是小学生，我要预约虎门办居住证", "我要急难求助", "我要投诉路灯坏了", "我想认领微心愿"} {
		if got := tell(t, h, from, words); !strings.Contains(got, "同意") {
			t.Errorf("%s: %q", words, got)
		}
	}
}

// agreesToSensitive: a yes to the summary is none to what is sensitive in it;
// that yes is recorded with the ticket, and taken back it goes out of it.
func agreesToSensitive(t *testing.T, h *house) {
	from := bot.Address{Channel: bot.WeChat, ID: "ill"}
	if got := tell(t, h, from, "我妈得了乳腺癌，家里交不起房租，想求助，在寮步镇", "跳过", "陈姐 13800138077"); !strings.Contains(got, "病情是敏感信息") {
		t.Fatalf("the summary is %q", got)
	}
	id, err := h.store.Known(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	told := func() (ticket.Ticket, []privacy.Separate) {
		filed, err := h.store.Tickets(t.Context(), id, 1)
		if err != nil {
			t.Fatal(err)
		}
		yes, err := h.store.Consents(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if len(filed) == 0 {
			return ticket.Ticket{}, yes
		}
		return filed[0], yes
	}
	tell(t, h, from, "确认")
	if filed, yes := told(); filed.Number != "" || len(yes) > 0 {
		t.Fatalf("filed on a yes to the whole: %s, %d consents", filed.Number, len(yes))
	}
	tell(t, h, from, "同意")
	filed, yes := told()
	if !strings.Contains(filed.Text.Reveal(), "乳腺癌") || len(yes) != 1 || yes[0].What != "病情" || yes[0].By != "本人" || yes[0].Errand != "急难求助" ||
		!strings.Contains(yes[0].Asked, "只给经办的人看") || yes[0].Entry == 0 {
		t.Fatalf("filed %q on %+v", filed.Text.Reveal(), yes)
	}
	proof, err := ownData{h}.Withdraw(t.Context(), id, yes[0].ID)
	if err != nil || proof.Entry <= yes[0].Entry || proof.Hash == "" {
		t.Fatalf("withdrawn with %+v: %v", proof, err)
	}
	if filed, yes := told(); filed.Text != "家里交不起房租，想求助，在寮步镇" || yes[0].Withdrawn.IsZero() {
		t.Errorf("after it was taken back the ticket is %q, the consent %+v", filed.Text.Reveal(), yes)
	}
}
