package openai

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// speaking stands in for a speech endpoint.
func speaking(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/speech", answer)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return client(t, server.URL+"/v1", key)
}

func TestSpeak(t *testing.T) {
	c := speaking(t, func(w http.ResponseWriter, r *http.Request) {
		var asked map[string]any
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		if asked["input"] != "您好" || asked["model"] != "tts-1" || asked["response_format"] != "pcm" || asked["voice"] != "alloy" {
			t.Errorf("asked %v", asked)
		}
		w.Write([]byte{1, 0, 2, 0})
	})
	sound, err := c.Speak(t.Context(), "tts-1", "alloy", "您好", 1)
	if err != nil || string(sound) != "\x01\x00\x02\x00" {
		t.Errorf("%v %v", sound, err)
	}
}

func TestSpeakMisbehaviour(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"refusal":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, key, http.StatusBadRequest) },
		"failure":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"nothing":   func(http.ResponseWriter, *http.Request) {},
		"flood":     func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 4*maxAnswer)) },
		"hang up":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			if name == "no answer" {
				cancel()
			}
			defer cancel()
			sound, err := speaking(t, answer).Speak(ctx, "m", "v", "x", 1)
			if err == nil || sound != nil {
				t.Fatalf("%d bytes %v", len(sound), err)
			}
			if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the error tells too much: %v", err)
			}
			if name == "nothing" && !errors.Is(err, ErrEmpty) {
				t.Errorf("%v", err)
			}
		})
	}
}
