package desk

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Listening is a call as one person hears it while it goes on: a WAV file
// without an end.
type Listening struct {
	Head []byte
	// Sound is closed when the call is over. What is not taken in time is lost.
	Sound <-chan []byte
	// End gives the place up, once or more often.
	End func()
}

// Why a call cannot be listened to, besides ErrCallOver.
var (
	ErrCallCrowded = errors.New("as many as may listen already")
	ErrCallUntold  = errors.New("the caller was not told that somebody may listen")
)

// noteTime is how long it may take to note that a listening is over.
const noteTime = 5 * time.Second

// listenReasons are why running calls are listened to.
func listenReasons() []string {
	return []string{"协助坐席", "质检评分", "新人带教", "处理投诉"}
}

// listenIn lets a supervisor hear a call of a citizen they may see, until it
// is over, they go, or their session ends. That they begin is in the audit trail
// before a sound is heard, with the reason; that it ended follows. The sound
// itself is kept nowhere.
func (d *Desk) listenIn(w http.ResponseWriter, r *http.Request, who Account) {
	id, a, ok := d.askedOf(w, r, who)
	if !ok {
		return
	}
	if a.Text == "" || utf8.RuneCountInString(a.Text) > mostReason {
		refuse(w, http.StatusUnprocessableEntity, "请选一个原因。")
		return
	}
	if !d.ears.join(who.Name) {
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusTooManyRequests, "您旁听的电话太多，请先停掉几个。")
		return
	}
	defer d.ears.leave(who.Name)
	l, err := d.Calls.Listen(id)
	if err != nil {
		d.unheard(w, err)
		return
	}
	defer l.End()
	began := d.Clock()
	if !d.record(w, r, bot.AuditEntry{Actor: who.Name, Deed: bot.AuditListenIn, Subject: string(id), Reason: a.Text}) {
		return
	}
	defer d.listened(context.WithoutCancel(r.Context()), who, id, began)
	d.pipe(w, r, who, id, l)
}

// unheard answers why a call cannot be listened to.
func (d *Desk) unheard(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrCallOver):
		refuse(w, http.StatusConflict, "这通电话已经结束。")
	case errors.Is(err, ErrCallUntold):
		refuse(w, http.StatusConflict, "这通电话没有录音，也就没有告诉市民会有人旁听，不能听。")
	case errors.Is(err, ErrCallCrowded):
		refuse(w, http.StatusTooManyRequests, "旁听这通电话的同事已经够多了，请等一位停下再听。")
	default:
		d.fail(w, "listen to a call", err)
	}
}

// pipe carries a call's sound to a page that plays it as it comes. A page that
// takes none for long is gone.
func (d *Desk) pipe(w http.ResponseWriter, r *http.Request, who Account, id bot.CitizenID, l Listening) {
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("X-Accel-Buffering", "no")
	s := &stream{w: w, control: http.NewResponseController(w)}
	beat := time.NewTicker(d.beat)
	defer beat.Stop()
	piece, more := l.Head, true
	for more && s.write(piece) == nil {
		piece = nil
		select {
		case <-r.Context().Done():
			return
		case <-d.ears.closing:
			return
		case <-beat.C:
			if !d.stillListens(r, who, id) {
				return
			}
		case piece, more = <-l.Sound:
		}
	}
}

// stillListens says whether an account is signed in yet and may still open a
// conversation.
func (d *Desk) stillListens(r *http.Request, who Account, id bot.CitizenID) bool {
	now, err := d.who(r)
	if err != nil || now.Name != who.Name || !now.supervises() {
		return false
	}
	reached, err := d.reaches(r.Context(), now, id)
	return err == nil && reached
}

// listened notes that somebody listens no more, and since when they did: an
// entry that stands is not changed.
func (d *Desk) listened(ctx context.Context, who Account, id bot.CitizenID, began time.Time) {
	if d.Audit == nil {
		return
	}
	ctx, stop := context.WithTimeout(ctx, noteTime)
	defer stop()
	now := d.Clock()
	since := began.In(bot.Shanghai()).Format("15:04:05") + " 起，" + lasted(int(now.Sub(began).Seconds()))
	if err := d.Audit(ctx, bot.AuditEntry{At: now, Actor: who.Name, Deed: bot.AuditListenedIn, Subject: string(id), Reason: since}); err != nil {
		d.Log.Error("note that a listening is over", "error", err)
	}
}
