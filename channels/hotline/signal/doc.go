// Package signal carries the hotline's calls over SIP: it listens on UDP, TCP
// and TLS, keeps transactions and dialogs, places calls, registers with
// trunks, and hands each incoming call to a function that lives as long as
// the call.
//
// Messages, URIs and headers are read and written by sipgo; its transports and
// transactions are not used. Both start a goroutine for every message, so that
// an ACK can overtake its INVITE and a CANCEL can miss it; both drop what they
// cannot parse without an answer, log whole packets, keep every address they
// ever heard from, and send a 200 again by a schedule of their own. Here what
// comes over one socket is handled in the order it came, under the lock of its
// call, and an answer is built even where the message is beyond parsing.
//
// It refuses to know about sound, about the conversation, and about who may
// be served: it sees addresses, session descriptions and the state of calls.
// Sources outside the allowed blocks are dropped before a byte of theirs is
// parsed. Nothing of a message is ever logged but its method and status.
package signal
