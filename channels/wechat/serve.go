package wechat

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
)

const (
	lastTry = 3 // the platform posts a message three times

	success = "success" // "we have it and say nothing"
)

// serve answers one try of a verified message.
func (e *Edge) serve(w http.ResponseWriter, r *http.Request, m *message, key string) {
	begun := time.Now()
	in, told := m.inbound(key, e.clock())
	if !told {
		e.count("event_noted")
		e.log.Info("event noted", "channel", bot.WeChat, "event", clip(m.Event, 64), "status", clip(m.Status, 64))
		e.reply(w, m, "")
		return
	}
	j, try := e.jobs.join(key, in, e.most, begun, e.times.Remember)
	if j == nil {
		e.turnAway(w, m)
		return
	}
	if try == 1 {
		e.ledger.Heard(m.From, in.Event, e.clock())
		if in.Event == bot.EventUnsubscribe {
			j.leave() // nobody is there to read
		}
		e.start(j)
	}
	defer func() { e.observe(try, time.Since(begun)) }()
	if in.Event == bot.EventUnsubscribe {
		e.reply(w, m, "")
		return
	}
	if e.await(r.Context(), j, try, begun) {
		e.say(w, r, m, j, try)
		return
	}
	switch {
	case try >= lastTry:
		words := wordsFor(m.Content)
		if !e.keep(j) {
			words.waiting = words.sorry
		}
		e.letGo(w, r, m, j, try, words.waiting)
	case r.Context().Err() == nil && e.mayPush(m.From) && e.keep(j):
		e.letGo(w, r, m, j, try, "")
	default:
		e.hold(w, r, m, j, try, begun)
	}
}

// keep makes a message durable whose turn is not over: only then may the
// platform be told that we have it. A picture may still be on its way to us,
// or the citizen's earlier message be in hand.
func (e *Edge) keep(j *job) bool {
	ctx, cancel := context.WithTimeout(e.base, (e.times.Hang-e.times.Answer)/2)
	defer cancel()
	err := e.receiver.Accept(ctx, j.in)
	if err != nil {
		e.count("not_kept")
		e.log.Warn("message not kept", "channel", bot.WeChat, "error", err)
	}
	return err == nil
}

// turnAway answers a message that cannot be taken: while we close, the next
// try finds another process; in a crowd the citizen is asked to come again.
func (e *Edge) turnAway(w http.ResponseWriter, m *message) {
	if e.jobs.isClosed() {
		e.count("hung_up")
		hangUp()
	}
	e.count("crowded")
	e.reply(w, m, wordsFor(m.Content).crowded)
}

func clip(text string, most int) string { return strings.ToValidUTF8(text[:min(len(text), most)], "") }

// await waits for the answer as long as a try may take, and shows that we
// write meanwhile.
func (e *Edge) await(ctx context.Context, j *job, try int, begun time.Time) bool {
	select {
	case <-j.done:
		return true
	default:
	}
	deadline := e.times.Answer
	if try == 1 && e.times.Typing < deadline {
		deadline = e.times.Typing
	}
	timer := wait(begun, deadline)
	defer timer.Stop()
	for {
		select {
		case <-j.done:
			return true
		case <-timer.C:
			if deadline == e.times.Answer {
				return false
			}
			e.typing(j.openID)
			deadline = e.times.Answer
			timer.Reset(time.Until(begun.Add(deadline)))
		case <-ctx.Done():
			return false
		}
	}
}

// typing shows the citizen that we write; nothing hangs on it.
func (e *Edge) typing(openID string) {
	if e.api == nil || !e.jobs.own() {
		return
	}
	go func() {
		defer e.jobs.work.Done()
		ctx, cancel := context.WithTimeout(e.base, e.times.Answer)
		defer cancel()
		if err := e.api.Typing(ctx, openID); err != nil {
			e.count("typing_failed")
		}
	}()
}

// letGo ends the waiting: the replies leave through the outbox when they are
// there, and the try is answered with words of its own or none.
func (e *Edge) letGo(w http.ResponseWriter, r *http.Request, m *message, j *job, try int, words string) {
	if !j.leave() {
		e.say(w, r, m, j, try)
		return
	}
	if words == "" {
		e.count("pushed")
	} else {
		e.count("waiting")
	}
	e.reply(w, m, words)
}

// hold lets a try run out, so that the platform tries again and finds the
// answer. One that comes just after the deadline still leaves with this try.
func (e *Edge) hold(w http.ResponseWriter, r *http.Request, m *message, j *job, try int, begun time.Time) {
	late := wait(begun, e.times.Answer+(e.times.Hang-e.times.Answer)*2/5)
	defer late.Stop()
	select {
	case <-j.done:
		if r.Context().Err() == nil {
			e.say(w, r, m, j, try)
			return
		}
	case <-late.C:
	case <-r.Context().Done():
	}
	hang := wait(begun, e.times.Hang)
	defer hang.Stop()
	select {
	case <-hang.C:
	case <-r.Context().Done():
	case <-e.base.Done():
	}
	e.count("hung_up")
	hangUp()
}

// say answers with what the turn came to, and reports it.
func (e *Edge) say(w http.ResponseWriter, r *http.Request, m *message, j *job, try int) {
	if j.isLate() {
		e.reply(w, m, "") // it leaves through the outbox
		return
	}
	a := j.answer
	if r.Context().Err() != nil || !e.reply(w, m, a.text) {
		e.count("write_failed")
		if try >= lastTry {
			e.release(j)
		}
		return // the platform tries again; if not, the lease ends
	}
	if try > 1 {
		e.count("answered_on_retry")
	}
	if j.settle() {
		e.progress.drop(a.said...)
		e.progress.set(a.partly, a.parts)
		e.report.tell(a.said, a.rest)
	}
}

// reply writes a passive reply, or success when there is nothing to say. It
// is false when the write failed.
func (e *Edge) reply(w http.ResponseWriter, m *message, text string) bool {
	body := []byte(success)
	kind := "text/plain; charset=utf-8"
	if text != "" {
		kind = "text/xml; charset=utf-8"
		body = envelope(m, text, e.clock())
		if e.cipher != nil {
			sealed, err := e.cipher.Seal(body, e.clock())
			if err != nil {
				e.count("seal_failed")
				e.log.Error("seal reply", "error", err)
				return false
			}
			body = sealed
		}
		e.count("answered")
	} else {
		e.count("success")
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body); err != nil {
		return false
	}
	err := http.NewResponseController(w).Flush()
	return err == nil || errors.Is(err, http.ErrNotSupported)
}

// envelope is a passive text reply, as the platform's papers write it.
func envelope(m *message, text string, now time.Time) []byte {
	b := make([]byte, 0, len(text)+300)
	b = append(b, "<xml><ToUserName>"...)
	b = cdata(b, m.From)
	b = append(b, "</ToUserName><FromUserName>"...)
	b = cdata(b, m.To)
	b = append(b, "</FromUserName><CreateTime>"...)
	b = strconv.AppendInt(b, now.Unix(), 10)
	b = append(b, "</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>"...)
	b = cdata(b, text)
	return append(b, "</Content></xml>"...)
}

// cdata writes text as a CDATA section; one that holds its end is cut in two.
func cdata(b []byte, text string) []byte {
	if !plainBytes(text) && strings.ContainsFunc(text, odd) {
		text = strings.Map(func(r rune) rune {
			if odd(r) {
				return -1
			}
			return r
		}, text)
	}
	b = append(b, "<![CDATA["...)
	b = append(b, strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>")...)
	return append(b, "]]>"...)
}
