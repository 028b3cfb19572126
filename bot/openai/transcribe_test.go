package openai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const key = "sk-never-to-be-seen"

// endpoint stands in for the service: answer is what it does with a request
// that is formed as the papers ask.
func endpoint(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/transcriptions", func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer "+key {
			t.Errorf("authorized by %q", got)
		}
		answer(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return client(t, server.URL+"/v1/", key)
}

func client(t *testing.T, base, key string) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: base, Key: key, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestTranscribe(t *testing.T) {
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		file, header, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		raw, err := io.ReadAll(file)
		if err != nil || string(raw) != "#!AMR\n123" || header.Filename != "voice.amr" || r.FormValue("model") != "whisper-1" {
			t.Errorf("got %q as %s for %s: %v", raw, header.Filename, r.FormValue("model"), err)
		}
		io.WriteString(w, `{"text":" 我想预约办居住证。 "}`)
	})
	words, err := c.Transcribe(t.Context(), "whisper-1", []byte("#!AMR\n123"), "audio/amr")
	if err != nil || words != "我想预约办居住证。" {
		t.Errorf("%q %v", words, err)
	}
}

// TestTranscribeMisbehaviour: an endpoint may do anything; the caller gets a
// plain error in time, without the key and without what it was told.
func TestTranscribeMisbehaviour(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"refusal": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			io.WriteString(w, `{"error":{"message":"bad `+key+`"}}`)
		},
		"busy":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429); io.WriteString(w, "slow down "+key) },
		"failure": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"page":    func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>"+key) },
		"half":    func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"text":"我想`) },
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"silence": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"text":"  "}`) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/v1/elsewhere", http.StatusTemporaryRedirect)
		},
		"hang up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"flood": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"text":"`+strings.Repeat("啊", maxAnswer)+`"}`)
		},
		"no answer":   func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() },
		"wrong types": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"text":{"a":1}}`) },
	} {
		t.Run(name, func(t *testing.T) {
			words, err := endpoint(t, answer).Transcribe(t.Context(), "m", []byte("x"), "audio/amr")
			if err == nil || words != "" {
				t.Fatalf("%q %v", words, err)
			}
			if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the error tells too much: %v", err)
			}
			if want := map[string]error{"flood": ErrTooLong, "silence": ErrEmpty, "no answer": context.DeadlineExceeded}[name]; want != nil && !errors.Is(err, want) {
				t.Errorf("%v is not %v", err, want)
			}
		})
	}
}

func TestTranscribeRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s"}}`, r.Header.Get("Authorization"))
	}))
	t.Cleanup(server.Close)
	for name, base := range map[string]string{"wrong key": server.URL, "nobody there": "http://127.0.0.1:1/v1"} {
		_, err := client(t, base, key).Transcribe(t.Context(), "m", []byte("x"), "")
		if err == nil || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(t, server.URL, key).Transcribe(ctx, "m", []byte("x"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if _, err := New(Config{BaseURL: "ftp://x"}); err == nil {
		t.Error("ftp is taken")
	}
}
