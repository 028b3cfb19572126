package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// More citizens want an opening's places than there are.
const (
	rivalCount = 14
	rivalCap   = 10 // the demo's places of an opening
)

type (
	// wanted is what a citizen does about the opening.
	wanted struct {
		kind  string // hold, book, leave, look
		rival int
	}
	// got is what they were told.
	got struct {
		full bool // of hold
		left int  // of look
	}
	// taken is what each has: 0 nothing, 1 a hold, 2 an appointment.
	taken [rivalCount]byte
)

func (v taken) left() int {
	n := rivalCap
	for _, has := range v {
		if has > 0 {
			n--
		}
	}
	return n
}

// oneOpening is how an opening must look to everybody, whichever instance they
// ask and whoever leads, as if one deed came after the other.
func oneOpening() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return taken{} },
		Step: func(state, in, out any) (bool, any) {
			v, w, o := state.(taken), in.(wanted), out.(got)
			switch w.kind {
			case "hold":
				if o.full {
					return v.left() == 0 && v[w.rival] == 0, v
				}
				legal := v.left() > 0 && v[w.rival] == 0
				v[w.rival] = 1
				return legal, v
			case "book":
				legal := v[w.rival] == 1
				v[w.rival] = 2
				return legal, v
			case "leave":
				legal := v[w.rival] > 0
				v[w.rival] = 0
				return legal, v
			}
			return v.left() == o.left, v
		},
		Equal: func(a, b any) bool { return a.(taken) == b.(taken) },
	}
}

// rivals book, leave and look at one opening, while the survivors live.
type rivals struct {
	*survivors
	at     time.Time // the opening
	client *http.Client
	begun  time.Time

	note    sync.Mutex
	history []porcupine.Operation
}

func (r *rivals) done(w wanted, o got, call time.Duration) {
	r.note.Lock()
	defer r.note.Unlock()
	r.history = append(r.history, porcupine.Operation{ClientId: w.rival, Input: w, Output: o, Call: call.Nanoseconds(), Return: time.Since(r.begun).Nanoseconds()})
}

// tell says words until one of the answers comes, by whichever way, and says
// which. An answer that was given while nobody listened comes by itself once
// more, so that others may be heard before.
func (r *rivals) tell(openID, text string, answers ...string) string {
	which := func(heard string) string {
		for _, a := range answers {
			if strings.Contains(heard, a) {
				return a
			}
		}
		return ""
	}
	before := len(r.heard(openID))
	r.api.Wrote(openID)
	message := r.account.Message(openID, "text", "<Content>"+text+"</Content>")
	heard := ""
	var trail []string // for a test that fails
	note := func(what string) {
		if len(trail) == 0 || !strings.HasSuffix(trail[len(trail)-1], what) {
			trail = append(trail, time.Now().Format("15:04:05.000 ")+what)
		}
	}
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		reply, err := r.account.Post(r.t.Context(), message)
		if err != nil || reply.Status != http.StatusOK {
			note(fmt.Sprint(reply.Status, err))
			continue
		}
		if heard = reply.Content; heard == "" { // it comes by itself
			heard = strings.Join(r.heard(openID)[before:], "\n")
		}
		note(fmt.Sprintf("%q, by itself %q", reply.Content, r.heard(openID)[before:]))
		if answer := which(heard); answer != "" {
			return answer
		}
		if strings.Contains(reply.Content, toldFailed) { // and asked to say it again
			message = r.account.Message(openID, "text", "<Content>"+text+"</Content>")
		}
	}
	r.t.Errorf("%s says %q and is told %q:\n%s", openID, text, heard, strings.Join(trail, "\n"))
	return ""
}

// What citizens are told.
const (
	toldFull   = "约满了"
	toldLate   = "刚刚被约走" // somebody was quicker
	toldBooked = "预约号 YY"
	toldGone   = "号已放回"
	toldDone   = "已经办好了" // where they say yes again to what was done
	toldFailed = "刚才没有办成"
	toldUndone = "先不办了"
)

// compete has a citizen hold a place, take it or leave it, and give it back,
// again and again.
func (r *rivals) compete(rival int) {
	openID := fmt.Sprintf("oRival%05d", rival)
	now := func() time.Duration { return time.Since(r.begun) }
	for n := rival; !r.over.Load(); n++ {
		wish := fmt.Sprintf("我想预约虎门办居住证，%s上午十点，我叫李四，电话139%04d%04d", spoken(r.at), rival, n)
		held := fmt.Sprintf("电话：139****%04d", n) // no other summary has it
		call := now()
		answer := r.tell(openID, wish, held, toldFull, toldLate)
		full := answer == toldFull || answer == toldLate
		r.done(wanted{"hold", rival}, got{full: full}, call)
		call = now()
		switch {
		case answer == "":
			return // and the test has failed
		case full:
			r.tell(openID, "取消", toldUndone)
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
		case n%4 == 0:
			r.tell(openID, "取消", toldUndone)
			r.done(wanted{"leave", rival}, got{}, call)
		default:
			r.tell(openID, "确认", toldBooked, toldDone)
			r.done(wanted{"book", rival}, got{}, call)
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond) // they have it for a while
			r.tell(openID, "取消预约", "确认取消吗")
			call = now()
			r.tell(openID, "确认", toldGone, toldDone)
			r.done(wanted{"leave", rival}, got{}, call)
		}
	}
}

// watch looks at the opening from outside until the end.
func (r *rivals) watch() {
	for !r.over.Load() {
		r.look()
		time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
	}
}

// look is one look at the page of the week, at any instance.
func (r *rivals) look() bool {
	call := time.Since(r.begun)
	res, err := r.client.Get("http://" + r.m.public + weekPage)
	if err != nil {
		return false
	}
	page, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK {
		return false
	}
	r.done(wanted{kind: "look"}, got{left: placesOn(page)[r.at.Format(time.DateOnly)+" 10:00"]}, call)
	return true
}

// linearizable looks whether all that the rivals were told could have come one
// after the other, and whether the same with a place lost, or sold twice, could
// not.
func (r *rivals) linearizable() {
	r.t.Helper()
	eventually(r.t, "a last look", r.look)
	if result := porcupine.CheckOperationsTimeout(oneOpening(), r.history, time.Minute); result != porcupine.Ok {
		r.t.Errorf("what the rivals were told is %s", result)
	}
	kinds, full := map[string]int{}, 0
	for _, op := range r.history {
		kinds[op.Input.(wanted).kind]++
		if op.Output.(got).full {
			full++
		}
	}
	for _, by := range []int{-1, 1} {
		wrong := append([]porcupine.Operation{}, r.history...)
		last := &wrong[len(wrong)-1]
		last.Output = got{left: last.Output.(got).left + by}
		if result := porcupine.CheckOperationsTimeout(oneOpening(), wrong, time.Minute); result != porcupine.Illegal {
			r.t.Errorf("a history with %+d places at the end is %s", by, result)
		}
	}
	r.t.Logf("rivals: %v, %d times full", kinds, full)
}

// TestOneOpening holds the model to short histories, right and wrong.
func TestOneOpening(t *testing.T) {
	all := func(kind string) (ops []wanted) {
		for i := range rivalCap {
			ops = append(ops, wanted{kind, i})
		}
		return ops
	}
	for _, c := range []struct {
		name    string
		before  []wanted
		then    wanted
		told    got
		allowed bool
	}{
		{"a place too many is held", all("hold"), wanted{"hold", rivalCap}, got{}, false},
		{"a place too many is refused", all("hold"), wanted{"hold", rivalCap}, got{full: true}, true},
		{"a free place is refused", all("hold")[1:], wanted{"hold", rivalCap}, got{full: true}, false},
		{"what was not held is booked", nil, wanted{"book", 0}, got{}, false},
		{"a look misses a hold", all("hold")[:1], wanted{kind: "look"}, got{left: rivalCap}, false},
		{"a look sees it", all("hold")[:1], wanted{kind: "look"}, got{left: rivalCap - 1}, true},
		{"what was left is still taken", append(all("hold")[:1], wanted{"leave", 0}), wanted{kind: "look"}, got{left: rivalCap - 1}, false},
	} {
		var history []porcupine.Operation
		for i, w := range append(c.before, c.then) {
			op := porcupine.Operation{ClientId: w.rival, Input: w, Output: got{}, Call: int64(2 * i), Return: int64(2*i + 1)}
			if i == len(c.before) {
				op.Output = c.told
			}
			history = append(history, op)
		}
		if legal := porcupine.CheckOperations(oneOpening(), history); legal != c.allowed {
			t.Errorf("%s: legal %v", c.name, legal)
		}
	}
}
