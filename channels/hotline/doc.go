// Package hotline is the 12345 line: it answers calls over SIP, says what the
// engine replies, hears keys and words, and brings callers to people. A call
// is one function, read from ringing to goodbye: Line.take.
//
// Signalling, sound and speech lie below it, in signal, media and speech; each
// can be read alone. Calls and media are our own on sipgo's messages rather
// than diago's (v0.31.0, judged by facts measured here): it has no session
// timers, starts a goroutine for each message as sipgo does, and its licence
// is a file-level copyleft, while dialogs and G.711 over RTP are some 1,500
// lines that can be tested to the packet.
//
// It refuses to understand and to decide anything: every word and key goes
// through the engine like any other channel's. It never says that a thing is
// done which the engine has not committed, never shows a caller more for their
// number alone, and logs marks of its own instead of numbers and words.
package hotline
