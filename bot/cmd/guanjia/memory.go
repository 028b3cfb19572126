package main

import (
	"os"
	"runtime/debug"
)

// How the garbage collector works under serve. What lives is some 50 MB, most
// of it guides and openings, and a message leaves some 40 KB of garbage: at the
// standard setting the collector marks all that lives again every thousand
// messages, an eighth of the processor time. Letting the heap grow further
// between two rounds saves most of that, and costs memory only under load; the
// limit makes it work harder again long before a small machine is full.
const (
	heapGrowth  = 400       // percent of what lives
	memoryLimit = 768 << 20 // bytes, soft
)

// tuneCollector sets this unless the environment says otherwise.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
