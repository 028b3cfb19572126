package speech

import (
	"container/list"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Voice says sentences: spelled out, from a recording where there is one, and
// once made kept for the next caller.
type Voice struct {
	make     Synthesizer
	prompts  map[string][]int16 // by language and sentence
	spellers map[Language]*speller
	mu       sync.Mutex
	kept     map[key]*list.Element
	order    *list.List // most lately used first
	bytes    int
	making   map[key]*pending
	hits     atomic.Int64
	misses   atomic.Int64
}

type key struct {
	text string
	m    Manner
}

type kept struct {
	key     key
	samples []int16
}

type pending struct {
	done    chan struct{}
	samples []int16
	err     error
}

// makingTime bounds one sentence.
const makingTime = 15 * time.Second

// maxKept bounds the cache: some 30 minutes of sound.
const maxKept = 32 << 20

// NewVoice is a voice made by s. prompts are recordings by language and
// sentence; a sentence that was recorded is not made.
func NewVoice(s Synthesizer, prompts map[Language]map[string][]int16) *Voice {
	v := &Voice{make: s, prompts: map[string][]int16{}, kept: map[key]*list.Element{}, order: list.New(), making: map[key]*pending{},
		spellers: map[Language]*speller{Mandarin: newSpeller(Mandarin), Cantonese: newSpeller(Cantonese)}}
	for l, sentences := range prompts {
		for text, samples := range sentences {
			v.prompts[string(l)+text] = samples
		}
	}
	return v
}

// NewPlainVoice is a voice that reads what is written, dates and amounts and
// all, by itself: a speech model. Only digits that are told one by one are parted
// for it, and asterisks are not for the ear.
func NewPlainVoice(s Synthesizer) *Voice {
	v := NewVoice(s, nil)
	v.spellers = nil
	return v
}

// masked is a telephone number with its middle hidden, coded a number that
// citizens note down.
var (
	masked = regexp.MustCompile(`(\d{3})?\*{2,}(\d{4})`)
	coded  = regexp.MustCompile(`\b([A-Z]{1,3})(\d{6,})\b`)
)

// parted is a sentence with such digits told one by one.
func parted(sentence string, l Language) string {
	tail := "尾号"
	if l == English {
		tail = "ending in"
	}
	apart := func(digits string) string { return strings.Join(strings.Split(digits, ""), " ") }
	sentence = masked.ReplaceAllStringFunc(sentence, func(s string) string {
		m := masked.FindStringSubmatch(s)
		return strings.TrimLeft(apart(m[1])+", "+tail+" "+apart(m[2]), ", ")
	})
	return coded.ReplaceAllStringFunc(sentence, func(s string) string {
		m := coded.FindStringSubmatch(s)
		parts := []string{m[1]}
		for rest := m[2]; rest != ""; {
			n := min(4, len(rest))
			parts, rest = append(parts, apart(rest[:n])), rest[n:]
		}
		return strings.Join(parts, ", ")
	})
}

// Spell writes a sentence out for a synthesizer that reads pinyin.
func Spell(sentence string, l Language) string {
	if l == English {
		return sentence
	}
	return newSpeller(l).spell(sentence)
}

// Spell is a sentence as the synthesizer is given it.
func (v *Voice) Spell(sentence string, l Language) string {
	if s := v.spellers[l]; s != nil {
		return s.spell(sentence)
	}
	if v.spellers == nil {
		return parted(sentence, l)
	}
	return sentence
}

// Say makes the sound of one sentence. The samples are shared: they are not to
// be changed.
func (v *Voice) Say(ctx context.Context, sentence string, m Manner) ([]int16, error) {
	if samples, ok := v.prompts[string(m.Language)+sentence]; ok && !m.Slow {
		return Resample(samples, Rate, m.Rate()), nil
	}
	k := key{sentence, m}
	v.mu.Lock()
	if el, ok := v.kept[k]; ok {
		v.order.MoveToFront(el)
		v.mu.Unlock()
		v.hits.Add(1)
		return el.Value.(*kept).samples, nil
	}
	p, ok := v.making[k]
	if !ok {
		p = &pending{done: make(chan struct{})}
		v.making[k] = p
	}
	v.mu.Unlock()
	if ok {
		select {
		case <-p.done:
			return p.samples, p.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	v.misses.Add(1)
	// Others may be waiting for it: it is made even if this caller leaves.
	making, enough := context.WithTimeout(context.WithoutCancel(ctx), makingTime)
	defer enough()
	p.samples, p.err = v.make.Synthesize(making, v.Spell(sentence, m.Language), m)
	if p.err != nil {
		p.err = fmt.Errorf("say a sentence: %w", p.err)
	}
	v.keep(k, p)
	close(p.done)
	return p.samples, p.err
}

// keep remembers a sentence and forgets those not said for longest.
func (v *Voice) keep(k key, p *pending) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.making, k)
	if p.err != nil || len(p.samples) == 0 {
		return
	}
	v.kept[k] = v.order.PushFront(&kept{k, p.samples})
	v.bytes += 2 * len(p.samples)
	for v.bytes > maxKept {
		oldest := v.order.Back()
		old := v.order.Remove(oldest).(*kept)
		delete(v.kept, old.key)
		v.bytes -= 2 * len(old.samples)
	}
}

// Figures are how many sentences were said from memory and how many were made.
func (v *Voice) Figures() (remembered, made int64) { return v.hits.Load(), v.misses.Load() }
