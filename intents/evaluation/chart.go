package evaluation

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The chart's measures, in pixels.
const (
	chartWidth  = 960
	plotLeft    = 60
	plotTop     = 60
	plotWidth   = 380
	plotHeight  = 260
	barsLeft    = 640
	barsWidth   = 260
	barHeight   = 16
	leastShown  = 0.5 // of the curve's accuracy axis
	accentColor = "#0f6cbd"
	secondColor = "#c2570c"
	gridColor   = "#d8dde3"
	textColor   = "#24292f"
)

// WriteChart draws the result as an SVG picture: accuracy over the surest
// shares, what mishearing costs, and precision and recall of every intent.
func (r Result) WriteChart(w io.Writer) error {
	c := &chart{}
	height := max(plotTop+2*plotHeight+160, plotTop+len(r.Intents)*(2*barHeight+8)+60)
	c.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12" fill="%s">`, chartWidth, height, textColor)
	c.add(`<title>%s</title><rect width="100%%" height="100%%" fill="#fff"/>`, escaped(r.Name))
	c.text(plotLeft, 28, "start", fmt.Sprintf("%s: %d cases, accuracy %s, wrong among accepted %s", r.Name, r.Cases, percent(r.Accuracy), percent(r.Decisions.WrongAccept)))
	c.curve(r.Curve)
	c.noise(r.Noise, r.Accuracy)
	c.bars(r.Intents)
	c.add("</svg>")
	if _, err := io.WriteString(w, c.b.String()); err != nil {
		return fmt.Errorf("write chart: %w", err)
	}
	return nil
}

type chart struct{ b strings.Builder }

func (c *chart) add(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

func (c *chart) text(x, y float64, anchor, text string) {
	c.add(`<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, escaped(text))
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder does not fail
	return b.String()
}

// axes draws a frame whose y runs from least to 1, with its title above.
func (c *chart) axes(top float64, title string, least float64) (y func(v float64) float64) {
	y = func(v float64) float64 { return top + plotHeight*(1-max(0, v-least)/(1-least)) }
	c.text(plotLeft, top-10, "start", title)
	for v := least; v <= 1.0001; v += 0.1 {
		c.add(`<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="%s"/>`, plotLeft, plotLeft+plotWidth, y(v), y(v), gridColor)
		c.text(plotLeft-8, y(v)+4, "end", fmt.Sprintf("%.0f%%", 100*v))
	}
	return y
}

// curve draws accuracy over the surest share of the cases.
func (c *chart) curve(points []Point) {
	y := c.axes(plotTop, "accuracy when only the surest share is answered", leastShown)
	x := func(v float64) float64 { return plotLeft + plotWidth*(v-leastShown)/(1-leastShown) }
	var line []string
	for _, p := range points {
		line = append(line, fmt.Sprintf("%.1f,%.1f", x(p.Coverage), y(p.Accuracy)))
		c.add(`<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x(p.Coverage), y(p.Accuracy), accentColor)
		c.text(x(p.Coverage), plotTop+plotHeight+18, "middle", fmt.Sprintf("%.0f%%", 100*p.Coverage))
	}
	c.add(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(line, " "), accentColor)
}

// noise draws accuracy over the share of characters misheard.
func (c *chart) noise(levels []Noise, clean float64) {
	if len(levels) == 0 {
		return
	}
	const top = plotTop + plotHeight + 80
	y := c.axes(top, "accuracy when characters are misheard as others of the same sound", leastShown)
	all := append([]Noise{{Accuracy: clean}}, levels...)
	step := float64(plotWidth) / float64(len(all))
	for i, n := range all {
		left := plotLeft + step*(float64(i)+0.2)
		c.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, left, y(n.Accuracy), step*0.6, top+plotHeight-y(n.Accuracy), accentColor)
		c.text(left+step*0.3, y(n.Accuracy)-4, "middle", percent(n.Accuracy))
		c.text(left+step*0.3, top+plotHeight+18, "middle", fmt.Sprintf("%.0f%%", 100*n.Share))
	}
}

// bars draws precision and recall of every intent.
func (c *chart) bars(intents []IntentScore) {
	c.text(barsLeft, plotTop-26, "start", "precision (blue) and recall (orange)")
	for i, s := range intents {
		top := float64(plotTop + i*(2*barHeight+8))
		c.text(barsLeft-8, top+barHeight+4, "end", fmt.Sprintf("%s (%d)", s.Intent, s.Support))
		for j, v := range []float64{s.Precision, s.Recall} {
			at := top + float64(j*barHeight)
			c.add(`<rect x="%d" y="%.1f" width="%.1f" height="%d" fill="%s"/>`, barsLeft, at, barsWidth*v, barHeight-2, []string{accentColor, secondColor}[j])
			c.text(barsLeft+barsWidth*v+4, at+12, "start", fmt.Sprintf("%.0f", 100*v))
		}
	}
}
