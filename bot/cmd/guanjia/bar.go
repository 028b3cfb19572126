package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// bar shows progress on one line.
type bar struct {
	w     io.Writer
	what  string
	size  int64 // 0: unknown
	drawn time.Time
	rows  int
	bytes int64
}

func newBar(w io.Writer, what string, size int64) *bar { return &bar{w: w, what: what, size: size} }

// at draws how far it is, at most ten times a second.
func (b *bar) at(rows int, bytes int64) {
	b.rows, b.bytes = rows, bytes
	if time.Since(b.drawn) < 100*time.Millisecond {
		return
	}
	b.drawn = time.Now()
	b.draw()
}

func (b *bar) draw() {
	const width = 30
	if b.size <= 0 {
		fmt.Fprintf(b.w, "\r%s %d 行", b.what, b.rows)
		return
	}
	full := int(min(b.bytes, b.size) * width / b.size)
	fmt.Fprintf(b.w, "\r%s [%s%s] %3d%% %d 行", b.what, strings.Repeat("█", full), strings.Repeat("░", width-full), min(b.bytes, b.size)*100/b.size, b.rows)
}

// done draws the end of it, at so many rows.
func (b *bar) done(rows int) {
	b.rows = rows
	if b.size > 0 {
		b.bytes = b.size
	}
	b.draw()
	fmt.Fprintln(b.w)
}
