package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// row is a conversation in the queue.
func (c *client) row(citizen string) object {
	c.t.Helper()
	_, rows := c.queue()
	for _, r := range rows {
		if r["citizen"] == citizen {
			return r
		}
	}
	return object{}
}

// offered waits until a conversation is offered to somebody in particular.
func (c *client) offered(citizen, to string) {
	c.t.Helper()
	if !eventually(c.t, citizen+" to be offered to "+to, func() bool { return c.row(citizen)["offered"] == to }) {
		c.t.Fatalf("it stands: %v", c.row(citizen))
	}
}

// TestDeskAsksWhoIsFree (C3, C4) has the service ask operators: by skill and room, on to
// the next where an offer is missed, back to the queue where a holder is cut
// off, and never twice.
func TestDeskAsksWhoIsFree(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	a, b := d.colleague("陈静"), d.colleague("李伟")
	admin := newClient(t, d.inner)
	admin.signIn("admin", d.admin)
	must(t, a.post("/desk/people/陈静", object{}), 403)
	must(t, admin.form("/desk/people/陈静", "capacity", "0"), 422)
	must(t, admin.form("/desk/people/陈静", "capacity", "1", "language", "zh-Hans"), 303)
	must(t, admin.form("/desk/people/李伟", "capacity", "1", "language", "zh-Hans", "language", "en", "groups", "社保组"), 303)
	if got := admin.get("/desk/people").text; !strings.Contains(got, "最多 1 个；英语、社保组") {
		t.Errorf("what they are asked for is not to be seen at a glance: %s", got)
	}
	d.speak("wechat", "c0", "转人工")
	line, other := a.listen("?after=0"), b.listen("?after=0")

	must(t, a.post("/desk/presence", object{"state": "asleep"}), 400)
	must(t, a.post("/desk/presence", object{"state": "on"}), 200)
	a.offered("c0", "陈静") // who waited already is offered to who comes
	must(t, b.post("/desk/conversation/c0/take", object{}), 409)
	must(t, a.post("/desk/conversation/c0/take", object{}), 200)
	must(t, b.post("/desk/presence", object{"state": "on"}), 200)
	d.speak("web", "c1", "I want to talk to a person please")
	b.offered("c1", "李伟")

	w.turn(21 * time.Second) // missed: nobody else has room, and who missed it is asked no more
	eventually(t, "the offer to lapse", func() bool { return b.row("c1")["offered"] == "" && b.get("/desk/queue").json(t)["state"] == "away" })
	must(t, b.post("/desk/presence", object{"state": "on"}), 200)
	b.offered("c1", "李伟")
	must(t, b.post("/desk/conversation/c1/take", object{}), 200)
	d.speak("phone", "c2", "我家着火了，快来人") // one more than there is room for
	eventually(t, "the emergency to be offered", func() bool { return a.row("c2")["offered"] != "" })
	who := map[any]*client{"陈静": a, "李伟": b}[a.row("c2")["offered"]]
	must(t, who.post("/desk/conversation/c2/take", object{}), 200)
	must(t, who.post("/desk/conversation/c2/close", object{}), 200)

	// A holder is cut off: the conversation goes back, and the old hold is worth
	// nothing, even to the same operator.
	old := a.get("/desk/conversation/c0").json(t)
	seen := func() float64 { l := a.talkLines("c0"); return l[len(l)-1]["id"].(float64) }
	line.close()
	looks := 0
	eventually(t, "the lease to end", func() bool {
		if looks%100 == 0 { // the cut may be noticed later than the clock is turned
			w.turn(50 * time.Second)
		}
		looks++
		return admin.row("c0")["status"] == "waiting"
	})
	if got := a.post("/desk/conversation/c0/say", object{"text": "我在", "key": "stale-key-1", "seen": seen(), "fence": old["fence"]}); got.status != http.StatusConflict {
		t.Errorf("after the lease a reply: %d %s", got.status, got.text)
	}
	if b.row("c1")["status"] != "taken" {
		t.Error("who stayed connected lost a conversation")
	}
	must(t, a.post("/desk/conversation/c0/take", object{}), 200)
	if got := a.post("/desk/conversation/c0/say", object{"text": "我在", "key": "stale-key-2", "seen": seen(), "fence": old["fence"]}); got.status != http.StatusConflict {
		t.Errorf("under the old hold: %d %s", got.status, got.text)
	}
	now := a.get("/desk/conversation/c0").json(t)
	must(t, a.post("/desk/conversation/c0/say", object{"text": "我在", "key": "stale-key-2", "seen": seen(), "fence": now["fence"]}), 200)

	// To a group: only its members are asked.
	must(t, b.post("/desk/conversation/c1/close", object{}), 200)
	if got := a.get("/desk/colleagues").json(t); fmt.Sprint(got["groups"]) != "[社保组]" {
		t.Errorf("the groups: %v", got)
	}
	must(t, a.post("/desk/conversation/c0/pass", object{"group": "社保组", "fence": now["fence"], "text": "问社保"}), 200)
	must(t, b.post("/desk/presence", object{"state": "on"}), 200)
	b.offered("c0", "李伟")
	must(t, b.post("/desk/logout", object{}), 303)
	if got := a.row("c0"); got["offered"] != "" || got["wanted"] != "社保组" {
		t.Errorf("after the member signed out: %v", got)
	}
	other.close()
}
