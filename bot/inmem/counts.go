package inmem

import "time"

// Keeper keeps counts beside a process for the one that takes over. It may lose
// any of them at any time, and whoever keeps or reads waits for nobody.
type Keeper interface {
	// Keep keeps what was counted of a name, for as long as it counts.
	Keep(name string, count any, life time.Duration)
	Forget(name string)
	// Before reads what another process had counted of a name, where it is
	// known and this one has kept or forgotten nothing of it since.
	Before(name string, count any) bool
}

// Counts are what a limit has counted, by name. They are asked with the lock of
// who counts held, and a count is a value that JSON can hold: what was set does
// not change any more.
type Counts[T any] struct {
	held   map[string]T
	keeper Keeper // nil: they end with the process
}

// NewCounts makes counts of nobody, or those that were kept.
func NewCounts[T any](k Keeper) *Counts[T] { return &Counts[T]{held: map[string]T{}, keeper: k} }

// Of is what was counted of a name, by this process or by the one before.
func (c *Counts[T]) Of(name string) (count T, known bool) {
	count, known = c.held[name]
	if !known && c.keeper != nil {
		known = c.keeper.Before(name, &count)
	}
	return count, known
}

// Set counts anew of a name; life is how long the count says anything.
func (c *Counts[T]) Set(name string, count T, life time.Duration) {
	c.held[name] = count
	if c.keeper != nil {
		c.keeper.Keep(name, count, life)
	}
}

// Forget takes back whatever was counted of a name.
func (c *Counts[T]) Forget(name string) {
	delete(c.held, name)
	if c.keeper != nil {
		c.keeper.Forget(name)
	}
}

// Len is how many names memory holds.
func (c *Counts[T]) Len() int { return len(c.held) }

// Sweep frees the memory of counts that say nothing any more.
func (c *Counts[T]) Sweep(over func(T) bool) {
	for name, count := range c.held {
		if over(count) {
			delete(c.held, name)
		}
	}
}
