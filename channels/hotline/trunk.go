package hotline

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"guanjia/channels/hotline/signal"
)

// Trunk is an exchange or a carrier that calls come from.
type Trunk struct {
	signal.Trunk
	// Transfer is how its calls go to a person; empty: as the line's do.
	Transfer Transfer
}

// ParseTrunk reads sip:USER:PASSWORD@HOST[:PORT][;transport=tcp][;transfer=refer].
func ParseTrunk(text string) (Trunk, error) {
	var t Trunk
	var rest []string
	for part := range strings.SplitSeq(strings.TrimSpace(text), ";") {
		way, ok := strings.CutPrefix(part, "transfer=")
		if !ok {
			rest = append(rest, part)
			continue
		}
		if t.Transfer = Transfer(way); t.Transfer != B2BUA && t.Transfer != Refer {
			return t, fmt.Errorf("a trunk's transfer is %s or %s", B2BUA, Refer)
		}
	}
	var err error
	t.Trunk, err = signal.ParseTrunk(strings.Join(rest, ";"))
	return t, err
}

// lookupTime bounds the search for a trunk's addresses.
const lookupTime = 5 * time.Second

// locate finds the addresses a trunk's calls come from; those found last stay
// where nothing is found.
func (l *Line) locate(ctx context.Context, i int) {
	ctx, stop := context.WithTimeout(ctx, lookupTime)
	defer stop()
	found, err := l.Trunks[i].Locate(ctx)
	if err != nil {
		if ctx.Err() == nil {
			l.Log.Warn("find a trunk", "trunk", l.Trunks[i].Name(), "error", err)
		}
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trunksAt[i] = found
}

// transferFor is how a call that came from an address goes to a person: as its
// trunk wants it. A trunk is known by its host and port, and by the host alone
// where none is: streams come from any port.
func (l *Line) transferFor(from netip.AddrPort) Transfer {
	l.mu.Lock()
	defer l.mu.Unlock()
	way, port := Transfer(""), false
	for i, t := range l.Trunks {
		for _, at := range l.trunksAt[i] {
			if exact := at == from; at.Addr() == from.Addr() && (way == "" || exact && !port) {
				way, port = l.orUsual(t.Transfer), exact
			}
		}
	}
	return l.orUsual(way)
}

func (l *Line) orUsual(way Transfer) Transfer {
	if way == "" {
		return l.Transfer
	}
	return way
}
