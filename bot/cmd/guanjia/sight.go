package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/metrics"
	"guanjia/bot/store"
	"guanjia/bot/tracing"
)

// readingTime bounds how long figures wait for the records.
const readingTime = 5 * time.Second

// tracesTime is what the last traces may take to leave.
const tracesTime = 5 * time.Second

// openTraces is nil where no collector is named.
func openTraces(ctx context.Context, collector string, log *slog.Logger) (*tracing.Tracer, error) {
	if collector == "" {
		return nil, nil
	}
	return tracing.Open(ctx, strings.TrimRight(collector, "/")+"/v1/traces", log)
}

// closeTraces sends the last of them; a collector that is gone keeps nobody.
func closeTraces(t *tracing.Tracer, log *slog.Logger) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tracesTime)
	defer cancel()
	if err := t.Close(ctx); err != nil {
		log.Warn("traces are lost", "error", err)
	}
}

// followed is the receiver whose messages are told of, if anybody is told.
func (s *service) followed(r metrics.Receiver) metrics.Receiver {
	if s.traces == nil {
		return r
	}
	return s.traces.Receiver(r)
}

// sending is a channel's sender, counted and told of.
func (s *service) sending(channel bot.Channel, to bot.Sender) bot.Sender {
	to = s.figures.Sending(channel, to)
	if s.traces == nil {
		return to
	}
	return s.traces.Sender(channel, to)
}

// countStanding shows what waits and stands in the records.
func (s *service) countStanding() {
	s.figures.Readings(func() ([]metrics.Reading, error) {
		ctx, cancel := context.WithTimeout(context.Background(), readingTime)
		defer cancel()
		now := s.house.clock()
		v, err := s.house.store.Standing(ctx, now)
		if err != nil {
			s.log.Error("read figures", "error", err)
			return nil, err
		}
		return readingsOf(v, now), nil
	})
}

// readingsOf names what stands. Every kind is shown, at nought too: an alarm
// cannot tell what is missing from what is well.
func readingsOf(v store.Standing, now time.Time) (out []metrics.Reading) {
	add := func(name, help, label, of string, value float64) {
		out = append(out, metrics.Reading{Name: "guanjia_" + name, Help: help, Label: label, Of: of, Value: value})
	}
	age := func(b store.Backlog) float64 {
		if b.Since.IsZero() {
			return 0
		}
		return max(0, now.Sub(b.Since).Seconds())
	}
	add("unanswered_messages", "Messages received and not answered yet.", "", "", float64(v.Unanswered.N))
	add("unanswered_oldest_seconds", "How long the first of them has waited.", "", "", age(v.Unanswered))
	add("outbox_due_messages", "Replies that should be with their platform by now.", "", "", float64(v.Due.N))
	add("outbox_due_oldest_seconds", "How long the first of them is late.", "", "", age(v.Due))
	for _, status := range []string{"waiting", "held", "dead"} {
		add("outbox_messages", "Replies in the outbox: waiting (reminders of days ahead too), held until the citizen comes, dead.", "status", status, float64(v.Outbox[status]))
	}
	for _, state := range []string{"urgent", "waiting", "held"} {
		add("handoffs", "Conversations for people: urgent and waiting for one, held by one.", "state", state, float64(v.Handoffs[state].N))
		add("handoffs_oldest_seconds", "How long the first of them has stood so.", "state", state, age(v.Handoffs[state]))
	}
	for _, kind := range []string{"help", "report"} {
		add("tickets_open", "Tickets that are not over, by kind.", "kind", kind, float64(v.Tickets[kind].Open))
		add("tickets_overdue", "Of them, those past their limit.", "kind", kind, float64(v.Tickets[kind].Overdue))
	}
	for _, status := range []string{"booked", "checked_in", "served", "no_show"} {
		add("appointments_today", "Appointments of the day, by status.", "status", status, float64(v.Booked[status]))
	}
	return out
}

// routeProfiles mounts Go's profiles, for administrators: a heap may hold
// anybody's words.
func (s *service) routeProfiles(mux *http.ServeMux) {
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /debug/pprof/": pprof.Index, "GET /debug/pprof/profile": pprof.Profile,
		"GET /debug/pprof/symbol": pprof.Symbol, "GET /debug/pprof/trace": pprof.Trace,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			who, err := s.desk.Who(r)
			switch {
			case err != nil:
				http.Error(w, "sign in at the desk first", http.StatusUnauthorized)
			case who.Role != "administrator":
				http.Error(w, "for administrators", http.StatusForbidden)
			default:
				h(w, r)
			}
		})
	}
}
