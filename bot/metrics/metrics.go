// Package metrics counts what the service does, for those who watch over it.
// It holds counts and durations by channel, decision and outcome; it refuses
// to hold anybody's words, names or ids.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"guanjia/bot"
)

// Figures are the service's figures.
type Figures struct {
	registry *prometheus.Registry
	turns    *prometheus.CounterVec
	failures *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	flows    *prometheus.CounterVec
	models   *prometheus.CounterVec
	replies  *prometheus.CounterVec
}

// New makes figures that stand at nought.
func New() *Figures {
	f := &Figures{
		registry: prometheus.NewRegistry(),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guanjia_turns_total", Help: "Messages answered, by channel, decision and who holds the conversation.",
		}, []string{"channel", "decision", "handling"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guanjia_turn_failures_total", Help: "Messages that could not be taken, by channel.",
		}, []string{"channel"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "guanjia_turn_seconds", Help: "From a message's coming to its durable answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 4.5},
		}, []string{"channel"}),
		flows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guanjia_intents_total", Help: "Messages by the intent they were taken for.",
		}, []string{"intent"}),
		models: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guanjia_turn_models_total", Help: "Messages a model was asked about, by what came of it: used, nothing, late, failed, resting.",
		}, []string{"outcome"}),
		replies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guanjia_sends_total", Help: "Replies handed to a platform by the outbox, by channel and outcome.",
		}, []string{"channel", "outcome"}),
	}
	f.registry.MustRegister(f.turns, f.failures, f.seconds, f.flows, f.models, f.replies,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return f
}

// Gauge adds a figure that is read when it is asked for.
func (f *Figures) Gauge(name, help string, read func() float64) {
	f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Counts adds a family of counters, one for each value of a label, that is read
// when it is asked for.
func (f *Figures) Counts(name, help, label string, read func() map[string]int64) {
	f.registry.MustRegister(family{prometheus.NewDesc(name, help, []string{label}, nil), prometheus.CounterValue, read})
}

// Gauges is Counts of figures that fall as well as rise.
func (f *Figures) Gauges(name, help, label string, read func() map[string]int64) {
	f.registry.MustRegister(family{prometheus.NewDesc(name, help, []string{label}, nil), prometheus.GaugeValue, read})
}

// Seconds adds a histogram of durations by one label and returns what
// observes one.
func (f *Figures) Seconds(name, help, label string, buckets ...float64) func(of string, took time.Duration) {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, []string{label})
	f.registry.MustRegister(h)
	return func(of string, took time.Duration) { h.WithLabelValues(of).Observe(took.Seconds()) }
}

// family reads its figures where they are kept.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func() map[string]int64
}

// Describe implements prometheus.Collector.
func (f family) Describe(out chan<- *prometheus.Desc) { out <- f.desc }

// Collect implements prometheus.Collector.
func (f family) Collect(out chan<- prometheus.Metric) {
	for of, n := range f.read() {
		out <- prometheus.MustNewConstMetric(f.desc, f.kind, float64(n), of)
	}
}

// Reading is a figure of several that are read together.
type Reading struct {
	Name, Help string
	Label, Of  string // both empty: the figure has no label
	Value      float64
}

// Readings adds gauges that are read together when figures are asked for. None
// are shown where they cannot be read; guanjia_records_readable says so.
func (f *Figures) Readings(read func() ([]Reading, error)) { f.registry.MustRegister(readings(read)) }

type readings func() ([]Reading, error)

// Describe implements prometheus.Collector: which readings come is not known
// before they do.
func (readings) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (read readings) Collect(out chan<- prometheus.Metric) {
	all, err := read()
	readable := Reading{Name: "guanjia_records_readable", Help: "1 where the records could be read for these figures.", Value: 1}
	if err != nil {
		all, readable.Value = nil, 0
	}
	for _, r := range append(all, readable) {
		var labels, values []string
		if r.Label != "" {
			labels, values = []string{r.Label}, []string{r.Of}
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(r.Name, r.Help, labels, nil), prometheus.GaugeValue, r.Value, values...)
	}
}

// Handler serves the figures in Prometheus' text format.
func (f *Figures) Handler() http.Handler {
	return promhttp.HandlerFor(f.registry, promhttp.HandlerOpts{})
}

// Receiver is the one path of a message.
type Receiver interface {
	Accept(ctx context.Context, in bot.Inbound) error
	Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error)
	Delivered(ctx context.Context, ids ...bot.OutgoingID) error
	Release(ctx context.Context, ids ...bot.OutgoingID) error
}

// Counting is the receiver with its turns counted.
func (f *Figures) Counting(r Receiver) Receiver { return counting{r, f} }

type counting struct {
	Receiver
	figures *Figures
}

// Receive implements Receiver.
func (c counting) Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error) {
	begin := time.Now()
	turn, err := c.Receiver.Receive(ctx, in)
	channel := string(in.From.Channel)
	if err != nil {
		c.figures.failures.WithLabelValues(channel).Inc()
		return turn, err
	}
	c.figures.seconds.WithLabelValues(channel).Observe(time.Since(begin).Seconds())
	if !turn.Repeat {
		c.figures.turns.WithLabelValues(channel, string(turn.Trace.Decision), string(turn.Handling)).Inc()
		c.figures.flows.WithLabelValues(string(turn.Trace.Intent)).Inc()
		if turn.Trace.Model != "" {
			c.figures.models.WithLabelValues(turn.Trace.Model).Inc()
		}
	}
	return turn, nil
}

// Sending is the sender with its outcomes counted.
func (f *Figures) Sending(channel bot.Channel, s bot.Sender) bot.Sender {
	return sending{s, string(channel), f}
}

type sending struct {
	bot.Sender
	channel string
	figures *Figures
}

// Send implements bot.Sender.
func (s sending) Send(ctx context.Context, out bot.Outgoing) error {
	err := s.Sender.Send(ctx, out)
	outcome := "taken"
	if err != nil {
		outcome = "refused"
	}
	s.figures.replies.WithLabelValues(s.channel, outcome).Inc()
	return err
}
