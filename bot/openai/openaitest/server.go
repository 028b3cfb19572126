// Package openaitest stands in for an endpoint that speaks OpenAI's protocol:
// chat completions in each of their three forms, and embeddings. It answers by
// a script, well or badly, and keeps what it was asked.
//
// It refuses to be clever: it knows no language and makes nothing up.
package openaitest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Request is a call as it came.
type Request struct {
	Body  string
	Form  string // schema, tool or object; empty for embeddings
	Probe bool   // it only asks what the endpoint can do
}

// Answer is what the endpoint does with a call.
type Answer func(w http.ResponseWriter, r *http.Request, q Request)

// Server is the endpoint. Its address with the version is URL + "/v1".
type Server struct {
	*httptest.Server
	mu      sync.Mutex
	lacks   []string
	script  []Answer
	seen    []Request
	embed   func(text string) []float32
	closing chan struct{}
}

// New starts an endpoint that answers every call with an empty object until
// it is told otherwise.
func New() *Server {
	s := &Server{closing: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("POST /v1/embeddings", s.embeddings)
	s.Server = httptest.NewServer(mux)
	return s
}

// Close ends the endpoint and whatever it kept hanging.
func (s *Server) Close() {
	close(s.closing)
	s.Server.CloseClientConnections()
	s.Server.Close()
}

// Script sets what the next calls are answered with; the last answer stays.
func (s *Server) Script(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = answers
}

// Lacks names the forms the endpoint refuses as unknown to it.
func (s *Server) Lacks(forms ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lacks = forms
}

// Embeds sets the vector of a text.
func (s *Server) Embeds(vector func(text string) []float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.embed = vector
}

// Seen are the calls so far, probes left out.
func (s *Server) Seen() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.seen), func(q Request) bool { return q.Probe })
}

// Probes counts the calls that asked what the endpoint can do.
func (s *Server) Probes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, q := range s.seen {
		if q.Probe {
			n++
		}
	}
	return n
}

// next is the answer whose turn it is.
func (s *Server) next() Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.script) == 0 {
		return Says("{}")
	}
	a := s.script[0]
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	return a
}

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var body struct {
		Format *struct {
			Type   string `json:"type"`
			Schema struct {
				Name string `json:"name"`
			} `json:"json_schema"`
		} `json:"response_format"`
		Tools []struct {
			Function struct {
				Name string `json:"name"`
			} `json:"function"`
		} `json:"tools"`
		Messages []struct {
			Content string `json:"content"`
		} `json:"messages"`
	}
	if err != nil || json.Unmarshal(raw, &body) != nil || len(body.Messages) < 2 {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	q := Request{Body: string(raw), Form: "object", Probe: body.Messages[1].Content == "ready?"}
	switch {
	case len(body.Tools) > 0:
		q.Form = "tool"
	case body.Format != nil && body.Format.Type == "json_schema":
		q.Form = "schema"
	}
	s.mu.Lock()
	s.seen = append(s.seen, q)
	lacks := slices.Contains(s.lacks, q.Form)
	s.mu.Unlock()
	switch {
	case lacks:
		Status(http.StatusBadRequest)(w, r, q)
	case q.Probe:
		Says(`{"ok":true}`)(w, r, q)
	default:
		s.next()(w, r.WithContext(r.Context()), q)
	}
}

func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var body struct {
		Input []string `json:"input"`
	}
	if err != nil || json.Unmarshal(raw, &body) != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	q := Request{Body: string(raw)}
	s.mu.Lock()
	s.seen = append(s.seen, q)
	embed, scripted := s.embed, len(s.script) > 0
	s.mu.Unlock()
	if scripted || embed == nil {
		s.next()(w, r, q)
		return
	}
	type one struct {
		Object    string    `json:"object"`
		Embedding []float32 `json:"embedding"`
		Index     int       `json:"index"`
	}
	var data []one
	for i, text := range body.Input {
		data = append(data, one{"embedding", embed(text), i})
	}
	slices.Reverse(data) // the index counts, not the order
	reply(w, map[string]any{"object": "list", "data": data})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // a caller that went away misses nothing
}

// Says answers with an object in the form that was asked for.
func Says(object string) Answer {
	return func(w http.ResponseWriter, _ *http.Request, q Request) {
		message := map[string]any{"role": "assistant", "content": object}
		if q.Form == "tool" {
			message = map[string]any{"role": "assistant", "content": nil, "tool_calls": []any{map[string]any{
				"id": "call_1", "type": "function", "function": map[string]any{"name": "answer", "arguments": object},
			}}}
		}
		reply(w, map[string]any{"id": "1", "object": "chat.completion", "choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": "stop"}}})
	}
}

// Raw answers with a body as it is.
func Raw(body string) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body)
	}
}

// Status refuses with a status, quoting what it was sent as some endpoints do.
func Status(code int) Answer {
	return func(w http.ResponseWriter, r *http.Request, q Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"error":{"message":%q,"type":"invalid_request_error"}}`, "refused: "+r.Header.Get("Authorization")+" "+q.Body)
	}
}

// Slow answers after a while, or not at all where the caller went first.
func Slow(by time.Duration, then Answer) Answer {
	return func(w http.ResponseWriter, r *http.Request, q Request) {
		select {
		case <-time.After(by):
			then(w, r, q)
		case <-r.Context().Done():
		}
	}
}

// Hangs never answers.
func (s *Server) Hangs() Answer {
	return func(_ http.ResponseWriter, r *http.Request, _ Request) {
		select {
		case <-r.Context().Done():
		case <-s.closing:
		}
	}
}

// HangsMidway begins an answer and never ends it.
func (s *Server) HangsMidway() Answer {
	return func(w http.ResponseWriter, r *http.Request, q Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":"{\"comm`)
		w.(http.Flusher).Flush()
		s.Hangs()(w, r, q)
	}
}

// HangsUp breaks the connection off.
func HangsUp() Answer {
	return func(http.ResponseWriter, *http.Request, Request) { panic(http.ErrAbortHandler) }
}
