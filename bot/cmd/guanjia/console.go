package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// console is where a command reads and writes: the terminal, or the far end
// of the owner's socket.
type console struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// longestLine bounds one line of input, in bytes.
const longestLine = 1 << 20

// Exit statuses of the program.
const (
	exitFailed = 1 // something went wrong inside
	exitUsage  = 2 // bad input
)

// usageError is the caller's mistake: one line on standard error and exit 2.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// exitStatus is the status a command's error ends the program with.
func exitStatus(err error) int {
	var usage usageError
	var remote remoteError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &remote):
		return remote.exit
	}
	return exitFailed
}

// printJSON writes one value as one line, without escaping for HTML.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
