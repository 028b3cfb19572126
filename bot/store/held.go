package store

import (
	"context"
	"fmt"

	"guanjia/bot"
)

// mostHeld is how many citizens are remembered to have held replies.
const mostHeld = 50_000

// held remembers who may have held replies, so that a turn looks for them only
// then: hardly any citizen has some. Who is in it stays until the next opening,
// as the job that took their replies may yet be undone. It belongs to the
// writer.
type held struct {
	citizens map[bot.CitizenID]struct{}
	many     bool // more than are remembered: anybody may have some
}

// readHeld finds out who has held replies when the records are opened.
func readHeld(ctx context.Context, read query) (*held, error) {
	h := &held{citizens: map[bot.CitizenID]struct{}{}}
	err := read(ctx, "SELECT DISTINCT citizen FROM outbox WHERE "+unsettled+" AND status = 'held'", func(scan func(...any) error) error {
		var id bot.CitizenID
		if err := scan(&id); err != nil {
			return err
		}
		h.add(id)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find held replies: %w", err)
	}
	return h, nil
}

func (h *held) add(id bot.CitizenID) {
	if len(h.citizens) >= mostHeld {
		h.many = true
		return
	}
	h.citizens[id] = struct{}{}
}

// none tells that a citizen surely has no held replies.
func (h *held) none(id bot.CitizenID) bool {
	_, some := h.citizens[id]
	return !some && !h.many
}
