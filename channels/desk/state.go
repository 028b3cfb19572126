package desk

import (
	"context"
	"net/http"
)

// Standing is a part of the installation and how it stands: its settings, what it
// is connected to, its key and its backups. No secret is in it.
type Standing struct {
	Title string
	Facts []Fact
}

// Fact is one thing that can be seen of it.
type Fact struct {
	Name, Value string
	Next        string // what to do about it; empty: nothing
	Grave       bool   // it stands in the way of citizens or may lose records
}

// Setting is one setting as it is in force, secrets hidden.
type Setting struct{ Key, Value, From string }

// State is how the installation stands as a whole, for administrators.
type State struct {
	Parts    []Standing
	Settings []Setting
}

// Pending are the facts that ask for something to be done, the gravest first.
func (s State) Pending() []Fact {
	var grave, rest []Fact
	for _, p := range s.Parts {
		for _, f := range p.Facts {
			switch {
			case f.Grave:
				grave = append(grave, f)
			case f.Next != "":
				rest = append(rest, f)
			}
		}
	}
	return append(grave, rest...)
}

// Inspect finds out how the installation stands now.
type Inspect func(ctx context.Context) (State, error)

func (d *Desk) statePage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	state, err := d.State(r.Context())
	if err != nil {
		d.fail(w, "inspect the installation", err)
		return
	}
	d.render(w, http.StatusOK, "state.html", map[string]any{"Name": who.Name, "State": state, "At": d.Clock()})
}
