package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"sync"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"guanjia/bot"
)

// ability is how an endpoint can be held to a form of answer.
type ability int

const (
	unknown  ability = iota
	bySchema         // response_format json_schema, strict
	byTool           // a call of the one tool there is, its parameters the schema
	byObject         // response_format json_object; the form is told in words
)

// String names the ability for logs and figures.
func (a ability) String() string {
	return [...]string{"unknown", "schema", "tool", "object"}[a]
}

// Model is a chat model of an endpoint. What the endpoint can do is found out
// once, by Probe or by the first who asks, and remembered.
type Model struct {
	client *Client
	name   string
	rest   breaker
	turn   chan struct{} // held by who probes

	mu      sync.Mutex
	ability ability
	counts  map[string]int64
}

// Model is the endpoint's model of a name; it calls nobody yet.
func (c *Client) Model(name string) *Model {
	return &Model{client: c, name: name, rest: breaker{now: time.Now}, turn: make(chan struct{}, 1), counts: map[string]int64{}}
}

// probeForm is the smallest form an answer can be asked for in.
const probeForm = `{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}`

// Probe finds out how the endpoint can be held to a form, the strictest way
// first. It returns the last error where none works.
func (m *Model) Probe(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if m.able() != unknown {
		return nil // somebody else found out
	}
	var err error
	for _, a := range []ability{bySchema, byTool, byObject} {
		var raw json.RawMessage
		if raw, err = m.complete(ctx, a, request{
			system: `Answer with the JSON object {"ok": true} and nothing else.`, user: "ready?",
			form: form{name: "ready", schema: json.RawMessage(probeForm)}, tokens: 200,
		}); err == nil && len(raw) > 0 {
			m.mu.Lock()
			m.ability = a
			m.mu.Unlock()
			return nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("probe model: %w", err)
}

func (m *Model) able() ability {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ability
}

// Ability names what was found out: unknown, schema, tool or object.
func (m *Model) Ability() string { return m.able().String() }

// Resting says whether the model failed so often that it is not asked now.
func (m *Model) Resting() bool { return m.rest.resting() }

// Outcomes counts calls by what they were for and how they ended.
func (m *Model) Outcomes() map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.counts)
}

func (m *Model) count(what string, err error) {
	outcome := "answered"
	switch {
	case errors.Is(err, bot.ErrResting):
		outcome = "resting"
	case errors.Is(err, context.DeadlineExceeded):
		outcome = "late"
	case errors.Is(err, context.Canceled):
		outcome = "given_up"
	case err != nil:
		outcome = "failed"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts[what+"_"+outcome]++
}

// form is a form of answer: a strict JSON schema with its name.
type form struct {
	name   string
	schema json.RawMessage
}

// request is one question to a model.
type request struct {
	what   string // for the figures: commands, answers
	system string
	user   string
	form   form
	tokens int // most of the answer
}

// ask puts a question and reads the answer's object into v. It asks once; it
// does not ask while the endpoint rests.
func (m *Model) ask(ctx context.Context, r request, v any) (err error) {
	defer func() { m.count(r.what, err) }()
	if !m.rest.allow() {
		return bot.ErrResting
	}
	defer func() { m.rest.done(err) }()
	if m.able() == unknown {
		if err := m.Probe(ctx); err != nil {
			return err
		}
	}
	raw, err := m.complete(ctx, m.able(), r)
	if err != nil {
		return err
	}
	if json.Unmarshal(raw, v) != nil {
		return errShape
	}
	return nil
}

// errShape is an answer in another form than was asked for.
var errShape = errors.New("the answer is not as documented")

// complete makes the call and returns the object answered.
func (m *Model) complete(ctx context.Context, a ability, r request) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, m.client.timeout)
	defer cancel()
	res, err := m.client.api.CreateChatCompletion(ctx, m.request(a, r))
	if err != nil {
		return nil, plainly(ctx, err)
	}
	if len(res.Choices) == 0 {
		return nil, ErrEmpty
	}
	said := res.Choices[0].Message
	words := said.Content
	if len(said.ToolCalls) > 0 {
		words = said.ToolCalls[0].Function.Arguments
	}
	return object(words)
}

// request words a question the way an endpoint of such an ability takes it.
func (m *Model) request(a ability, r request) openai.ChatCompletionRequest {
	q := openai.ChatCompletionRequest{Model: m.name}
	if thinks(m.name) { // takes no temperature, and counts its thoughts
		q.MaxCompletionTokens, q.ReasoningEffort = r.tokens+1500, openai.ReasoningEffortLow
	} else {
		//lint:ignore SA1019 many compatible endpoints know this name only
		q.MaxTokens, q.Temperature = r.tokens, math.SmallestNonzeroFloat32 // 0 would be left out
	}
	system := r.system
	switch a {
	case bySchema:
		q.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: r.form.name, Schema: r.form.schema, Strict: true}}
	case byTool:
		tool := openai.FunctionDefinition{Name: r.form.name, Description: "the answer", Strict: true, Parameters: r.form.schema}
		q.Tools = []openai.Tool{{Type: openai.ToolTypeFunction, Function: &tool}}
		q.ToolChoice = openai.ToolChoice{Type: openai.ToolTypeFunction, Function: openai.ToolFunction{Name: r.form.name}}
	case byObject:
		q.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
		system += "\n只输出一个 JSON 对象，符合这个 JSON Schema：\n" + string(r.form.schema)
	}
	q.Messages = []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: system}, {Role: openai.ChatMessageRoleUser, Content: r.user},
	}
	return q
}

// thinks says whether a model is one that reasons before it answers, by the
// names the library checks.
func thinks(name string) bool {
	for _, p := range []string{"o1", "o3", "o4", "gpt-5"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// object finds the JSON object in an answer, which some models fence.
func object(words string) (json.RawMessage, error) {
	words = strings.TrimSpace(words)
	if rest, fenced := strings.CutPrefix(words, "```"); fenced {
		words = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(rest, "json"), "```"))
	}
	if words == "" {
		return nil, ErrEmpty
	}
	if words[0] != '{' || !json.Valid([]byte(words)) {
		return nil, errShape
	}
	return json.RawMessage(words), nil
}
