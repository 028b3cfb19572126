package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/metrics"
	"guanjia/bot/openai"
	"guanjia/config"
	"guanjia/knowledge"
)

// models are what the settings name at an OpenAI-compatible endpoint; one that
// is not named is nil, and the service does without.
type models struct {
	client  *openai.Client
	words   *openai.Model
	meaning *openai.Embedder
	name    string // of meaning
	log     *slog.Logger
	ctx     context.Context // of what runs beside the service
	stop    context.CancelFunc
	work    sync.WaitGroup
}

// Times of what nobody waits for.
const (
	probeTime  = 20 * time.Second // finding out what the endpoint can do
	vectorLook = 5 * time.Second  // between looks at whether guides changed
)

// openModels makes the clients and begins to find out what the endpoint can
// do; nobody waits for that but who asks first.
func openModels(s config.Settings, log *slog.Logger) (*models, error) {
	m := &models{log: log, name: s.OpenAIEmbedModel, stop: func() {}}
	if s.OpenAIModel == "" && s.OpenAIEmbedModel == "" {
		return m, nil
	}
	var err error
	if m.client, err = openai.New(openai.Config{BaseURL: s.OpenAIBaseURL, Key: s.OpenAIAPIKey.Reveal()}); err != nil {
		return nil, usageError{err}
	}
	m.ctx, m.stop = context.WithCancel(context.Background())
	if s.OpenAIEmbedModel != "" {
		m.meaning = m.client.Embedder(s.OpenAIEmbedModel)
	}
	if s.OpenAIModel != "" {
		m.words = m.client.Model(s.OpenAIModel)
		m.work.Go(m.probe)
	}
	return m, nil
}

func (m *models) probe() {
	ctx, cancel := context.WithTimeout(m.ctx, probeTime)
	defer cancel()
	if err := m.words.Probe(ctx); err != nil && m.ctx.Err() == nil {
		m.log.Warn("the model does not answer; it is asked again when it is needed", "error", err)
	}
}

// consider has the guides looked at by meaning too, their vectors kept in dir.
func (m *models) consider(base *knowledge.Base, dir string) error {
	if m.meaning == nil {
		return nil
	}
	meaning, err := knowledge.OpenMeaning(m.meaning, m.name, dir, m.log)
	if err != nil {
		return err
	}
	base.Consider(meaning)
	m.work.Go(func() { meaning.Follow(m.ctx, base, vectorLook) })
	return nil
}

// close ends what runs and gives the connections back.
func (m *models) close() {
	if m == nil {
		return
	}
	m.stop()
	m.work.Wait()
	if m.client != nil {
		m.client.Close()
	}
}

// proposer is nil where no model is named.
func (m *models) proposer() bot.Proposer {
	if m.words == nil {
		return nil
	}
	return m.words
}

// writer is nil where no model is named.
func (m *models) writer() knowledge.Writer {
	if m.words == nil {
		return nil
	}
	return writer{m.words}
}

// writer has a model compose answers from blocks of a guide.
type writer struct{ model *openai.Model }

// Write implements knowledge.Writer.
func (w writer) Write(ctx context.Context, question string, blocks []knowledge.Block, flaws []knowledge.Flaw) (knowledge.Composition, error) {
	var passages []openai.Passage
	for _, b := range blocks {
		passages = append(passages, openai.Passage{ID: b.ID, Title: b.Title, Text: b.Text})
	}
	var amiss []string
	for _, f := range flaws {
		amiss = append(amiss, f.String())
	}
	sentences, err := w.model.Compose(ctx, question, passages, amiss)
	var d knowledge.Composition
	for _, s := range sentences {
		out := knowledge.Sentence{Text: s.Text}
		for _, c := range s.Cites {
			out.Cites = append(out.Cites, knowledge.Cite{Block: c.Block, Quote: c.Quote})
		}
		d.Sentences = append(d.Sentences, out)
	}
	return d, err
}

// count shows how the models do.
func (m *models) count(figures *metrics.Figures) {
	resting := func(is bool) float64 {
		if is {
			return 1
		}
		return 0
	}
	if m.meaning != nil {
		figures.Gauge("guanjia_embedder_resting", "1 while the embedding model failed so often that it is not asked.",
			func() float64 { return resting(m.meaning.Resting()) })
	}
	if m.words == nil {
		return
	}
	figures.Counts("guanjia_model_calls_total", "Calls to the chat model, by what for and how they ended.", "call", m.words.Outcomes)
	figures.Gauge("guanjia_model_resting", "1 while the chat model failed so often that it is not asked.",
		func() float64 { return resting(m.words.Resting()) })
}
