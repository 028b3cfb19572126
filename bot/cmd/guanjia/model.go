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
	client *openai.Client
	words  *openai.Model
	stop   context.CancelFunc
	work   sync.WaitGroup
}

// probeTime is how long finding out what the endpoint can do may take.
const probeTime = 20 * time.Second

// openModels makes the clients and begins to find out what the endpoint can
// do; nobody waits for that but who asks first.
func openModels(s config.Settings, log *slog.Logger) (*models, error) {
	m := &models{stop: func() {}}
	if s.OpenAIModel == "" {
		return m, nil
	}
	var err error
	if m.client, err = openai.New(openai.Config{BaseURL: s.OpenAIBaseURL, Key: s.OpenAIAPIKey.Reveal()}); err != nil {
		return nil, usageError{err}
	}
	m.words = m.client.Model(s.OpenAIModel)
	ctx, stop := context.WithTimeout(context.Background(), probeTime)
	m.stop = stop
	m.work.Go(func() {
		if err := m.words.Probe(ctx); err != nil {
			log.Warn("the model does not answer; it is asked again when it is needed", "error", err)
		}
	})
	return m, nil
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
	if m.words == nil {
		return
	}
	figures.Counts("guanjia_model_calls_total", "Calls to the chat model, by what for and how they ended.", "call", m.words.Outcomes)
	figures.Gauge("guanjia_model_resting", "1 while the chat model failed so often that it is not asked.", func() float64 {
		if m.words.Resting() {
			return 1
		}
		return 0
	})
}
