package terminal

import (
	"context"
	"strings"
	"sync"

	"guanjia/bot"
)

// Mailbag is the channel's far end: what is sent of the service's own accord
// lands here, and is printed with the line that brought it about.
type Mailbag struct {
	mu   sync.Mutex
	sent []bot.Outgoing
}

// Send implements bot.Sender.
func (m *Mailbag) Send(_ context.Context, out bot.Outgoing) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, out)
	return nil
}

// take empties the bag.
func (m *Mailbag) take() []bot.Outgoing {
	m.mu.Lock()
	defer m.mu.Unlock()
	sent := m.sent
	m.sent = nil
	return sent
}

// Ours says whether an address is one of this channel's citizens, who are
// reached here and not on the platform whose channel they play.
func Ours(a bot.Address) bool { return strings.HasPrefix(a.ID, prefix) }
