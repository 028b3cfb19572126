package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"guanjia/bot"
)

// faulty is a store and an understanding that go wrong when told to, for
// conversation tests: a failing disk, an answer that got lost, a slow turn,
// others who were faster.
type faulty struct {
	bot.Store
	mind bot.Understander

	mu    sync.Mutex
	fault string
	raced func(context.Context) error
}

// errBroken is what a broken store answers.
var errBroken = errors.New("disk I/O error")

// slowness is how long a slow understanding takes.
const slowness = 500 * time.Millisecond

// knownFault says whether a fault can be played.
func knownFault(fault string) bool {
	switch fault {
	case "", "commit", "lost", "slow", "raced":
		return true
	}
	return false
}

// arm sets what goes wrong next; raced is done by others before a raced commit.
func (f *faulty) arm(fault string, raced func(context.Context) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.raced = fault, raced
}

// take disarms and returns what is to go wrong.
func (f *faulty) take(kinds ...string) (string, func(context.Context) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range kinds {
		if f.fault == k {
			f.fault = ""
			return k, f.raced
		}
	}
	return "", nil
}

// Commit implements bot.Store.
func (f *faulty) Commit(ctx context.Context, do func(bot.Tx) error) error {
	fault, raced := f.take("commit", "lost", "raced")
	switch fault {
	case "commit":
		return errBroken
	case "raced":
		if err := raced(ctx); err != nil {
			return err
		}
	}
	err := f.Store.Commit(ctx, do)
	if fault == "lost" && err == nil {
		return errBroken
	}
	return err
}

// Understand implements bot.Understander.
func (f *faulty) Understand(u bot.Utterance) bot.Understanding {
	if fault, _ := f.take("slow"); fault != "" {
		time.Sleep(slowness)
	}
	return f.mind.Understand(u)
}
