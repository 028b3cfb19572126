package desk

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"guanjia/bot"
)

// typingLife is how long after a key somebody is said to be writing.
const typingLife = 6 * time.Second

// around is who has which conversation open, and who writes in it. It is of the
// moment: nothing of it is kept. Of several instances the one that leads has it:
// the others carry their pages' requests to it.
type around struct {
	*bell
	mu    sync.Mutex
	at    map[string]bot.CitizenID // by account: the conversation it has open
	wrote map[string]time.Time
}

// beside is a colleague at a conversation.
type beside struct {
	Name   string `json:"name"`
	Typing bool   `json:"typing"`
}

func newAround() *around {
	return &around{bell: newBell(), at: map[string]bot.CitizenID{}, wrote: map[string]time.Time{}}
}

// opens says that an account has a conversation open, and no other.
func (a *around) opens(id bot.CitizenID, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if was := a.at[name]; was != id {
		delete(a.wrote, name)
		a.at[name] = id
		a.ring(was)
		a.ring(id)
	}
}

// looks says whether an account has a conversation open.
func (a *around) looks(id bot.CitizenID, name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.at[name] == id
}

func (a *around) writes(id bot.CitizenID, name string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at[name], a.wrote[name] = id, at
	a.ring(id)
}

// said says that what was written has been sent.
func (a *around) said(id bot.CitizenID, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.wrote, name)
	a.ring(id)
}

// leaves says that an account has no page open any more.
func (a *around) leaves(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := a.at[name]
	delete(a.at, name)
	delete(a.wrote, name)
	a.ring(was)
}

// with are an account's colleagues at a conversation.
func (a *around) with(id bot.CitizenID, name string, now time.Time) []beside {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []beside{}
	for other, at := range a.at {
		if at == id && other != name {
			out = append(out, beside{other, now.Sub(a.wrote[other]) < typingLife})
		}
	}
	slices.SortFunc(out, func(a, b beside) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// typing tells colleagues who have a conversation open that somebody writes.
func (d *Desk) typing(w http.ResponseWriter, r *http.Request, who Account) {
	id := bot.CitizenID(r.PathValue("citizen"))
	if _, ok := d.known(w, r, who, id); !ok {
		return
	}
	d.around.writes(id, who.Name, d.Clock())
	w.WriteHeader(http.StatusNoContent)
}
