package openai

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/openai/openaitest"
)

func TestEmbed(t *testing.T) {
	server, c := stand(t)
	server.Embeds(func(text string) []float32 { return []float32{float32(len([]rune(text))), 1} })
	got, err := c.Embedder("e").Embed(t.Context(), []string{"一", "一二三"})
	if err != nil || len(got) != 2 || got[0][0] != 1 || got[1][0] != 3 {
		t.Errorf("%v %v", got, err)
	}
}

// TestEmbedMisbehaviour: an error in time, and after five a rest.
func TestEmbedMisbehaviour(t *testing.T) {
	server, c := stand(t)
	for name, answer := range map[string]openaitest.Answer{
		"hangs":           server.Hangs(),
		"429":             openaitest.Status(429),
		"truncated":       openaitest.Raw(`{"data":[{"embedding":[1,`),
		"one too few":     openaitest.Raw(`{"data":[{"index":0,"embedding":[1,2]}]}`),
		"one twice":       openaitest.Raw(`{"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[1,2]}]}`),
		"out of range":    openaitest.Raw(`{"data":[{"index":0,"embedding":[1,2]},{"index":7,"embedding":[1,2]}]}`),
		"other lengths":   openaitest.Raw(`{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]}`),
		"nothing in them": openaitest.Raw(`{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`),
	} {
		server.Script(answer)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		start := time.Now()
		got, err := c.Embedder("e").Embed(ctx, []string{"秘密的话", "b"})
		cancel()
		if err == nil || got != nil || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "秘密") {
			t.Errorf("%s: %v %v", name, got, err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	server.Script(openaitest.Status(500))
	e := c.Embedder("e")
	for range mostFailures {
		if _, err := e.Embed(t.Context(), []string{"a"}); errors.Is(err, bot.ErrResting) {
			t.Fatal("rests too soon")
		}
	}
	if _, err := e.Embed(t.Context(), []string{"a"}); !errors.Is(err, bot.ErrResting) || !e.Resting() {
		t.Errorf("does not rest: %v", err)
	}
}
