package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// longestLine bounds one line of input, in bytes.
const longestLine = 1 << 20

func scanner(in io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), longestLine)
	return lines
}

// PlayJSON answers lines of JSON, each with one line, until the input ends.
func (t *Terminal) PlayJSON(ctx context.Context, in io.Reader, out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	lines := scanner(in)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var line Line
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return inputf("line %d is not a JSON object as expected: %v", n, err)
		}
		answer, err := t.Turn(ctx, line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := enc.Encode(answer); err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
	}
	return ended(lines)
}

// PlayPlain is the conversation a person has; the prompt goes to side.
func (t *Terminal) PlayPlain(ctx context.Context, in io.Reader, out, side io.Writer) error {
	fmt.Fprintln(side, "莞家政务 · 直接打字，Ctrl-D 结束")
	lines := scanner(in)
	prompt := func() { fmt.Fprint(side, "> ") }
	for prompt(); lines.Scan(); prompt() {
		text := lines.Text()
		answer, err := t.Turn(ctx, Line{Text: &text})
		if err != nil {
			return err
		}
		for _, r := range answer.Replies {
			fmt.Fprintln(out, r.Text)
			for i, o := range r.Options {
				fmt.Fprintf(out, "  %d. %s\n", i+1, o)
			}
		}
	}
	fmt.Fprintln(side)
	return ended(lines)
}

func ended(lines *bufio.Scanner) error {
	if err := lines.Err(); err != nil {
		return inputf("read input: %v", err)
	}
	return nil
}
