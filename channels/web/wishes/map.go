package wishes

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"guanjia/bot/ticket"
)

// Size of the map, in its own units.
const (
	mapWidth  = 900
	mapHeight = 640
	mapEdge   = 60
)

// chart draws the city: a circle for every town, as large as its wishes are
// many, with what waits written in it.
func (p *Pages) chart(n ticket.Numbers) string {
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, t := range p.Towns {
		if t.Lat != 0 {
			west, east, south, north = min(west, t.Long), max(east, t.Long), min(south, t.Lat), max(north, t.Lat)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="各镇街的心愿" class="map" font-family="sans-serif">`, mapWidth, mapHeight)
	fmt.Fprintf(&b, `<title>各镇街的心愿：圈里的数是等待认领的</title>`)
	for _, t := range p.Towns {
		if t.Lat == 0 {
			continue
		}
		x := mapEdge + (t.Long-west)/(east-west)*(mapWidth-2*mapEdge)
		y := mapEdge + (north-t.Lat)/(north-south)*(mapHeight-2*mapEdge)
		of := n.Towns[t.ID]
		class, fill := "calm", "#8794a1"
		switch {
		case of.Open > 0:
			class, fill = "open", "#1f5fa8"
		case of.Fulfilled > 0:
			class, fill = "leaf", "#2b7a4b"
		}
		r := 9 + min(14, 3*math.Sqrt(float64(of.Wishes)))
		fmt.Fprintf(&b, `<circle class="%s" fill="%s" cx="%.0f" cy="%.0f" r="%.1f"/>`, class, fill, x, y, r)
		if of.Open > 0 {
			fmt.Fprintf(&b, `<text class="on" fill="#ffffff" font-size="15" font-weight="600" text-anchor="middle" x="%.0f" y="%.0f">%d</text>`, x, y+5, of.Open)
		}
		fmt.Fprintf(&b, `<text class="ink" fill="#51606f" font-size="15" text-anchor="middle" x="%.0f" y="%.0f">%s</text>`, x, y+r+15, template.HTMLEscapeString(short(t.Name)))
	}
	b.WriteString("</svg>")
	return b.String()
}

// short is a town's name without its kind.
func short(name string) string {
	for _, kind := range []string{"街道", "镇", "合作创新区", "功能区", "新区"} {
		if rest, ok := strings.CutSuffix(name, kind); ok && len([]rune(rest)) > 1 {
			return rest
		}
	}
	return name
}

// count is a town with the numbers of its wishes.
type count struct {
	Town
	ticket.TownNumbers
}

// counts are the towns that had wishes, for who cannot read the map.
func counts(towns []Town, n ticket.Numbers) []count {
	var out []count
	for _, t := range towns {
		if of := n.Towns[t.ID]; of.Wishes > 0 {
			out = append(out, count{t, of})
		}
	}
	return out
}
