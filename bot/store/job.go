package store

import (
	"context"
	"fmt"
	"runtime"
)

// Bounds of one group commit.
const (
	queueLength = 8192 // jobs waiting for the writer
	batchLength = 512  // jobs in one transaction
)

// job is one caller's part of a group commit, or a deed between two.
type job struct {
	ctx  context.Context
	do   func(*Tx) error
	deed func(context.Context) error
	err  error
	done chan struct{}
}

// commit queues a job and waits until it is durable or refused. When ctx ends
// first the job may still be committed.
func (w *writer) commit(ctx context.Context, do func(*Tx) error) error {
	return w.wait(&job{ctx: ctx, do: do, done: make(chan struct{})})
}

// between runs a deed on the writing connection outside any transaction.
func (w *writer) between(ctx context.Context, deed func(context.Context) error) error {
	return w.wait(&job{ctx: ctx, deed: deed, done: make(chan struct{})})
}

func (w *writer) wait(j *job) error {
	if err := w.queue(j); err != nil {
		return err
	}
	return w.durable(j)
}

func (w *writer) queue(j *job) error {
	select {
	case <-w.stop:
		return ErrClosed
	default:
	}
	select {
	case w.jobs <- j:
		return nil
	case <-w.stop:
		return ErrClosed
	case <-j.ctx.Done():
		return fmt.Errorf("wait for the writer: %w", j.ctx.Err())
	}
}

// durable waits for the commit that holds a queued job.
func (w *writer) durable(j *job) error {
	select {
	case <-j.done:
		return j.err
	case <-w.ended:
		select {
		case <-j.done:
			return j.err
		default:
			return ErrClosed
		}
	}
}

// gather takes together whoever waits. Those just answered get the processor
// first, and as long as they keep coming back there is more to take together.
func (w *writer) gather(first *job) []*job {
	batch := append(make([]*job, 0, 32), first)
	for {
		runtime.Gosched()
		before := len(batch)
		batch = w.drain(batch)
		if len(batch) == before || len(batch) == batchLength {
			return batch
		}
	}
}

func (w *writer) drain(batch []*job) []*job {
	for len(batch) < batchLength {
		select {
		case j := <-w.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}
