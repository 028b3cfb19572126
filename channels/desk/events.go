package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"guanjia/bot"
)

const (
	heartbeat   = 20 * time.Second
	replayBatch = 500
	eventBuffer = 256
)

// events streams the numbered changes after the last one the page has seen:
// first what the store holds, then live, without gap or repeat.
func (d *Desk) events(w http.ResponseWriter, r *http.Request, _ Account) {
	d.streams.Add(1)
	defer d.streams.Done()
	after, err := strconv.ParseInt(firstOf(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")), 10, 64)
	if err != nil || after < 0 {
		refuse(w, http.StatusBadRequest, "缺少起点。")
		return
	}
	live, late, end := d.Follow(eventBuffer)
	defer end()
	flusher := http.NewResponseController(w)
	flusher.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	after, err = d.replay(w, r, after)
	if err != nil || flusher.Flush() != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-d.stop:
			return
		case <-late: // the page reconnects and reads the rest from the store
			return
		case c := <-live:
			if c.Seq <= after {
				continue
			}
			if send(w, c) != nil || flusher.Flush() != nil {
				return
			}
			after = c.Seq
		case <-beat.C:
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil || flusher.Flush() != nil {
				return
			}
		}
	}
}

func (d *Desk) replay(w http.ResponseWriter, r *http.Request, after int64) (int64, error) {
	for {
		missed, err := d.Records.Changes(r.Context(), after, replayBatch)
		if err != nil {
			return after, err
		}
		for _, c := range missed {
			if err := send(w, c); err != nil {
				return after, err
			}
			after = c.Seq
		}
		if len(missed) < replayBatch {
			return after, nil
		}
	}
}

func send(w http.ResponseWriter, c bot.Change) error {
	body, err := json.Marshal(map[string]string{"kind": string(c.Kind), "citizen": string(c.Citizen), "ref": c.Ref})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %d\ndata: %s\n\n", c.Seq, body)
	return err
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
