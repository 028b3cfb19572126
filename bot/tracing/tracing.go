// Package tracing tells a collector the way of each message through the
// service: taken, read, committed, sent, and how long each took. It speaks OTLP
// over HTTP, and OpenTelemetry's own variables (OTEL_TRACES_SAMPLER,
// OTEL_EXPORTER_OTLP_HEADERS …) hold.
//
// It stands between the parts as wrappers of their small interfaces, so that a
// service that tells nobody pays nothing. It refuses to carry anybody's words,
// names or ids: a span has a channel, a decision and an outcome. What a slow or
// absent collector does not take in time is dropped.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"

	"guanjia/bot"
)

const (
	exportTime = 5 * time.Second // a collector that takes longer loses them
	mostReady  = 10_000          // replies remembered until they are sent
)

// Tracer tells one collector.
type Tracer struct {
	provider *trace.TracerProvider
	tracer   oteltrace.Tracer
	replies  replies
}

// Open makes a tracer for a collector's address, such as
// http://127.0.0.1:4318/v1/traces. Nothing is sent before the first span ends.
//
// The SDK has one place in a process for what goes wrong while sending; Open
// takes it and warns the log.
func Open(ctx context.Context, url string, log *slog.Logger) (*Tracer, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("tell traces", "error", err) }))
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(url), otlptracehttp.WithTimeout(exportTime),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: exportTime, MaxElapsedTime: 3 * exportTime}))
	if err != nil {
		return nil, fmt.Errorf("open trace exporter: %w", err)
	}
	of, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "guanjia")), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe the service: %w", err)
	}
	p := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(of))
	return &Tracer{provider: p, tracer: p.Tracer("guanjia"), replies: replies{of: map[bot.OutgoingID]oteltrace.SpanContext{}}}, nil
}

// Close sends what is left, or gives up with ctx.
func (t *Tracer) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("close traces: %w", err)
	}
	return nil
}

// during is a span around a deed.
func (t *Tracer) during(ctx context.Context, name string, deed func(context.Context) error, about ...attribute.KeyValue) error {
	ctx, span := t.tracer.Start(ctx, name, oteltrace.WithAttributes(about...))
	defer span.End()
	err := deed(ctx)
	if err != nil {
		span.SetStatus(codes.Error, "") // what an error says may name somebody
	}
	return err
}

// replies remembers which message a reply answers, so that its sending is told
// as a part of that message's way. The oldest are forgotten first.
type replies struct {
	mu    sync.Mutex
	of    map[bot.OutgoingID]oteltrace.SpanContext
	order []bot.OutgoingID
}

func (r *replies) put(id bot.OutgoingID, of oteltrace.SpanContext) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.of[id]; ok {
		return
	}
	if len(r.order) == mostReady {
		delete(r.of, r.order[0])
		r.order = r.order[1:]
	}
	r.of[id] = of
	r.order = append(r.order, id)
}

func (r *replies) get(id bot.OutgoingID) oteltrace.SpanContext {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of[id]
}

// Receiver is the one path of a message.
type Receiver interface {
	Accept(ctx context.Context, in bot.Inbound) error
	Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error)
	Delivered(ctx context.Context, ids ...bot.OutgoingID) error
	Release(ctx context.Context, ids ...bot.OutgoingID) error
}

// Receiver tells of each message: the root of its way.
func (t *Tracer) Receiver(r Receiver) Receiver { return receiver{r, t} }

type receiver struct {
	Receiver
	tracer *Tracer
}

// Receive implements Receiver.
func (r receiver) Receive(ctx context.Context, in bot.Inbound) (turn bot.Turn, err error) {
	ctx, span := r.tracer.tracer.Start(ctx, "message", oteltrace.WithSpanKind(oteltrace.SpanKindServer),
		oteltrace.WithAttributes(attribute.String("channel", string(in.From.Channel)), attribute.String("event", string(in.Event))))
	defer span.End()
	turn, err = r.Receiver.Receive(ctx, in)
	if err != nil {
		span.SetStatus(codes.Error, "")
		return turn, err
	}
	span.SetAttributes(attribute.String("decision", string(turn.Trace.Decision)), attribute.String("intent", string(turn.Trace.Intent)),
		attribute.String("handling", string(turn.Handling)), attribute.Bool("repeat", turn.Repeat), attribute.Int("replies", len(turn.Out)))
	if turn.Trace.Model != "" {
		span.SetAttributes(attribute.String("model", turn.Trace.Model))
	}
	for _, o := range turn.Out {
		r.tracer.replies.put(o.ID, span.SpanContext())
	}
	return turn, nil
}

// Store tells of what a turn reads and commits.
func (t *Tracer) Store(s bot.Store) bot.Store { return records{s, t} }

type records struct {
	bot.Store
	tracer *Tracer
}

// Accept implements bot.Store.
func (r records) Accept(ctx context.Context, citizen bot.CitizenID, in bot.Inbound) (receipt bot.Receipt, err error) {
	err = r.tracer.during(ctx, "accept", func(ctx context.Context) (err error) {
		receipt, err = r.Store.Accept(ctx, citizen, in)
		return err
	})
	return receipt, err
}

// Conversation implements bot.Store.
func (r records) Conversation(ctx context.Context, citizen bot.CitizenID) (c bot.Conversation, err error) {
	err = r.tracer.during(ctx, "read conversation", func(ctx context.Context) (err error) {
		c, err = r.Store.Conversation(ctx, citizen)
		return err
	})
	return c, err
}

// Commit implements bot.Store.
func (r records) Commit(ctx context.Context, do func(bot.Tx) error) error {
	return r.tracer.during(ctx, "commit", func(ctx context.Context) error { return r.Store.Commit(ctx, do) })
}

// Turns tells how long a turn waited for the one before it.
func (t *Tracer) Turns(turns bot.Turns) bot.Turns { return line{turns, t} }

type line struct {
	turns  bot.Turns
	tracer *Tracer
}

// Lock implements bot.Turns.
func (l line) Lock(ctx context.Context, key string) (unlock func(), err error) {
	err = l.tracer.during(ctx, "wait for turn", func(ctx context.Context) (err error) {
		unlock, err = l.turns.Lock(ctx, key)
		return err
	})
	return unlock, err
}

// Proposer tells how long the model took; nil stays nil.
func (t *Tracer) Proposer(p bot.Proposer) bot.Proposer {
	if p == nil {
		return nil
	}
	return proposer{p, t}
}

type proposer struct {
	bot.Proposer
	tracer *Tracer
}

// Propose implements bot.Proposer.
func (p proposer) Propose(ctx context.Context, c bot.Consultation) (all []bot.Proposed, err error) {
	err = p.tracer.during(ctx, "ask model", func(ctx context.Context) (err error) {
		all, err = p.Proposer.Propose(ctx, c)
		return err
	})
	return all, err
}

// Sender tells of each reply that a platform was handed, as a part of the way
// of the message it answers.
func (t *Tracer) Sender(channel bot.Channel, s bot.Sender) bot.Sender { return sender{s, channel, t} }

type sender struct {
	bot.Sender
	channel bot.Channel
	tracer  *Tracer
}

// Send implements bot.Sender.
func (s sender) Send(ctx context.Context, out bot.Outgoing) error {
	if of := s.tracer.replies.get(out.ID); of.IsValid() {
		ctx = oteltrace.ContextWithRemoteSpanContext(ctx, of)
	}
	return s.tracer.during(ctx, "send", func(ctx context.Context) error { return s.Sender.Send(ctx, out) },
		attribute.String("channel", string(s.channel)), attribute.Int("attempts", out.Attempts), attribute.Bool("proactive", out.Proactive))
}
