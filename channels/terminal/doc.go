// Package terminal is the conversation on a terminal: a person's, line by
// line, and a program's, a JSON object a line in and one out. It goes through
// the same engine and store as every other channel, lets one citizen speak on
// several channels, plays the operator's side, and moves a standing clock.
//
// It refuses to decide anything: it prints what a citizen would see.
package terminal
