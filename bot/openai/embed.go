package openai

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"guanjia/bot"
)

// Embedder is an embedding model of an endpoint.
type Embedder struct {
	client *Client
	name   string
	rest   breaker
}

// Embedder is the endpoint's embedding model of a name; it calls nobody yet.
func (c *Client) Embedder(name string) *Embedder {
	return &Embedder{client: c, name: name, rest: breaker{now: time.Now}}
}

// Resting says whether the model failed so often that it is not asked now.
func (e *Embedder) Resting() bool { return e.rest.resting() }

// Embed turns texts into vectors, in their order and of one length.
func (e *Embedder) Embed(ctx context.Context, texts []string) (out [][]float32, err error) {
	if !e.rest.allow() {
		return nil, bot.ErrResting
	}
	defer func() { e.rest.done(err) }()
	ctx, cancel := context.WithTimeout(ctx, e.client.timeout)
	defer cancel()
	res, err := e.client.api.CreateEmbeddings(ctx, openai.EmbeddingRequestStrings{
		Input: texts, Model: openai.EmbeddingModel(e.name), EncodingFormat: openai.EmbeddingEncodingFormatFloat,
	})
	if err != nil {
		return nil, fmt.Errorf("embed: %w", plainly(ctx, err))
	}
	out = make([][]float32, len(texts))
	for _, d := range res.Data { // the index counts, not the order
		if d.Index < 0 || d.Index >= len(out) || out[d.Index] != nil || !sound(d.Embedding) {
			return nil, fmt.Errorf("embed: %w", errShape)
		}
		out[d.Index] = d.Embedding
	}
	for _, v := range out {
		if len(v) == 0 || len(v) != len(out[0]) {
			return nil, fmt.Errorf("embed: %w", errors.Join(errShape, errors.New("vectors are missing or differ in length")))
		}
	}
	return out, nil
}

// sound vectors have numbers only.
func sound(v []float32) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return len(v) > 0
}
