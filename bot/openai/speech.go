package openai

import (
	"context"
	"fmt"
	"io"

	openai "github.com/sashabaranov/go-openai"
)

// SpeechRate is the samples a second of Speak's sound.
const SpeechRate = 24000

// Speak has words said and returns the sound as raw 16-bit little-endian
// samples of one channel, at SpeechRate. speed is 1 for the usual pace.
func (c *Client) Speak(ctx context.Context, model, voice, words string, speed float64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	res, err := c.api.CreateSpeech(ctx, openai.CreateSpeechRequest{
		Model: openai.SpeechModel(model), Input: words, Voice: openai.SpeechVoice(voice), ResponseFormat: openai.SpeechResponseFormatPcm, Speed: speed,
	})
	if err != nil {
		return nil, fmt.Errorf("speak: %w", plainly(ctx, err))
	}
	defer res.Close()
	sound, err := io.ReadAll(res)
	if err != nil {
		return nil, fmt.Errorf("speak: %w", plainly(ctx, err))
	}
	if len(sound) < 2 {
		return nil, fmt.Errorf("speak: %w", ErrEmpty)
	}
	return sound, nil
}
