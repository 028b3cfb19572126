package openai

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

// Transcribe has a voice written down in Chinese unless it is plainly another
// language. mediaType is the recording's, such as audio/amr; the endpoint must
// know it (OpenAI's own takes no AMR, those built on FFmpeg do).
func (c *Client) Transcribe(ctx context.Context, model string, recording []byte, mediaType string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	res, err := c.api.CreateTranscription(ctx, openai.AudioRequest{
		Model: model, Reader: bytes.NewReader(recording), FilePath: "voice." + extension(mediaType),
		Format: openai.AudioResponseFormatJSON,
		Prompt: "东莞市民说的普通话或粤语，用简体中文写下来。", // keeps the script simplified
	})
	if err != nil {
		return "", fmt.Errorf("transcribe: %w", plainly(ctx, err))
	}
	words := strings.TrimSpace(res.Text)
	if words == "" {
		return "", fmt.Errorf("transcribe: %w", ErrEmpty)
	}
	return words, nil
}

// extension names the file by its type: endpoints go by it.
func extension(mediaType string) string {
	switch mediaType {
	case "audio/mpeg":
		return "mp3"
	case "audio/wave", "audio/wav", "audio/x-wav":
		return "wav"
	case "audio/ogg", "application/ogg":
		return "ogg"
	case "audio/silk":
		return "silk"
	}
	return "amr"
}
