package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/channels/wechat/wechattest"
)

// freeDays are the days on which a service can be booked at a hall, with the
// word a citizen has for each.
func freeDays(t testing.TB, dir, service, hall string, flags ...string) []time.Time {
	t.Helper()
	var days []time.Time
	for _, o := range lines(t, guanjia(t, "", append(flags, "--data", dir, "list", "openings", "--json")...)) {
		day, err := time.Parse("2006-01-02", o["date"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if o["service_id"] == service && o["hall_id"] == hall && o["time"] == "15:00" && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	if len(days) < 3 {
		t.Fatalf("only %v can be booked", days)
	}
	return days
}

// spoken is a day as a citizen says it; written as the bot reads it back.
func spoken(d time.Time) string  { return fmt.Sprintf("%d月%d号", d.Month(), d.Day()) }
func written(d time.Time) string { return fmt.Sprintf("%d年%d月%d日", d.Year(), d.Month(), d.Day()) }

// TestBookingThroughOtherImplementations is a whole booking through the
// callback, each time encrypted by another implementation that is not ours:
// a day corrected at the confirmation, a mind changed, a question in between.
func TestBookingThroughOtherImplementations(t *testing.T) {
	o := openOfficial(t)
	days := freeDays(t, o.dir, "residence-permit", "humen")
	first, second := days[len(days)-2], days[len(days)-1]
	for i, library := range wechattest.Libraries() {
		citizen := fmt.Sprintf("oABCDEFGHIJKLMNOPQRSTUVWXY%02d", i)
		say := func(text string) string {
			return o.account.Message(citizen, "text", "<Content>"+wechattest.CDATA(text)+"</Content>")
		}
		steps := []struct {
			message string
			want    []string
		}{
			{o.account.Happening(citizen, "subscribe", ""), []string{"莞家政务", "人工"}},
			{say("我想预约办居住证"), []string{"大厅"}},
			{say("虎门"), []string{"哪天"}},
			{say(spoken(first) + "下午三点"), []string{"姓名"}},
			{say(fmt.Sprintf("我叫张三，电话1380013800%d", i)), []string{written(first), "15:00", "张三", fmt.Sprintf("138****800%d", i), "1. ", "确认"}},
			{say("不对，是" + spoken(second)), []string{written(second), "15:00", "虎门"}},
			{say("还是上午十点吧"), []string{written(second), "10:00"}},
			{say("要带什么材料"), []string{"居住证", "确认"}},
			{say("再说一遍"), []string{written(second), "10:00"}},
			{say("1"), []string{"约好了", "YY"}},
			{o.account.Happening(citizen, "CLICK", "mine"), []string{written(second), "10:00", "虎门"}},
			{say("取消预约"), []string{"取消"}},
			{say("确认"), []string{"取消"}},
		}
		var messages []string
		for _, s := range steps {
			messages = append(messages, s.message)
		}
		got, err := o.account.PostWith(t.Context(), library, messages...)
		if err != nil {
			t.Fatalf("%s: %v", library, err)
		}
		for n, s := range steps {
			for _, want := range s.want {
				if got[n].Status != 200 || got[n].To != citizen || !strings.Contains(got[n].Content, want) {
					t.Errorf("%s, step %d: no %q in %d %q", library, n, want, got[n].Status, got[n].Content)
				}
			}
		}
		number := regexp.MustCompile(`YY\d{10}`).FindString(got[9].Content)
		if number == "" || !strings.Contains(got[10].Content, number) {
			t.Errorf("%s: number %q is not under 我的预约: %s", library, number, got[10].Content)
		}
		if status := booked(t, o.dir, number)["status"]; status != "cancelled" {
			t.Errorf("%s: the appointment is %v", library, status)
		}
	}
}

// booked finds an appointment in the records.
func booked(t testing.TB, dir, number string) object {
	t.Helper()
	for _, a := range lines(t, guanjia(t, "", "--data", dir, "list", "appointments", "--json")) {
		if a["number"] == number {
			return a
		}
	}
	t.Fatalf("no appointment %s", number)
	return nil
}
