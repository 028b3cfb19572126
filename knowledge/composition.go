package knowledge

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Block is a piece of a guide that a composed answer may cite.
type Block struct {
	ID    string // guide#field
	Title string // the guide's and the field's
	Text  string // a line each
}

// Composition is an answer composed of blocks by somebody else, not yet looked at.
type Composition struct{ Sentences []Sentence }

// Sentence is one sentence with what it is taken from.
type Sentence struct {
	Text  string
	Cites []Cite
}

// Cite is the words of a block that bear a sentence.
type Cite struct{ Block, Quote string }

// Writer composes a draft from blocks; a model stands behind it. flaws are
// those of its last draft on the same question, none at first. It answers
// before ctx ends or fails.
type Writer interface {
	Write(ctx context.Context, question string, blocks []Block, flaws []Flaw) (Composition, error)
}

// mostBlocks is how many blocks a draft is written from.
const mostBlocks = 6

// ErrUnfaithful is a draft that did not stand against its blocks, twice.
var ErrUnfaithful = errors.New("the composed answer does not stand in the guide")

// Made is how a composed answer is marked.
const Made = "（AI 生成，逐句对过指南原文；有出入以指南为准）"

// Compose has an answer put into whole sentences by a writer, who sees at most
// six blocks of the one guide that answers. What does not stand against them
// is not said: the writer tries once more, and then the answer stays as it was,
// with the reason as an error. Of what the guide does not say nothing is composed.
func (b *Base) Compose(ctx context.Context, w Writer, question string, a Answer) (Answer, error) {
	blocks := b.blocks(a)
	if len(blocks) == 0 {
		return a, nil
	}
	g, _ := b.Guide(a.Guide)
	var flaws []Flaw
	for range 2 {
		d, err := w.Write(ctx, question, blocks, flaws)
		if err != nil {
			return a, err
		}
		if len(d.Sentences) == 0 {
			break // the writer finds nothing to say
		}
		if flaws = Verify(d, blocks, question); len(flaws) == 0 {
			return a.composed(d, &g), nil
		}
	}
	return a, ErrUnfaithful
}

// blocks are the fields that were asked for, then those that help to answer.
// None where a field asked for is missing: that is said as it is.
func (b *Base) blocks(a Answer) []Block {
	g, ok := b.Guide(a.Guide)
	if !ok || a.Decision != Answered || g.Type == TypePolicy {
		return nil
	}
	var fields []Field
	for _, f := range a.Fields {
		if f != Overview && len(g.lines(f)) == 0 {
			return nil
		}
		fields = append(fields, f)
	}
	for _, f := range []Field{Conditions, Materials, Steps, TimeLimit, Fee, Where, Online, Visits, Result} {
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	var out []Block
	for _, f := range fields {
		lines := g.lines(f)
		if f == Overview {
			lines = g.Tips
		}
		if len(lines) > 0 && len(out) < mostBlocks {
			out = append(out, Block{ID: g.ID + "#" + string(f), Title: g.Title + " " + f.Title(), Text: strings.Join(lines, "\n")})
		}
	}
	return out
}

// composed puts the verified sentences in the place of the answer's text. What
// is spoken stays short and from the guide.
func (a Answer) composed(d Composition, g *Guide) Answer {
	var text strings.Builder
	text.WriteString(g.Title + "\n")
	a.Citations = nil
	care := false
	for _, s := range d.Sentences {
		text.WriteString(ended(s.Text))
		for _, c := range s.Cites {
			a.Citations = appendOnce(a.Citations, c.Block)
			_, field, _ := strings.Cut(c.Block, "#")
			care = care || g.doubted(Field(field))
		}
	}
	a.Brief = strings.TrimSpace(text.String() + "\n" + g.notes(care))
	a.Brief += "\n" + Made
	return a
}

// ended closes a sentence.
func ended(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasSuffix(s, "。") || strings.HasSuffix(s, "；") || strings.HasSuffix(s, "？") {
		return s
	}
	return strings.TrimRight(s, "，,.;") + "。"
}
