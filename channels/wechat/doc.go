// Package wechat is the door for the official account: the callback the
// platform posts citizens' messages to, and the way replies go back, in the
// answer to the callback where five seconds suffice and as customer-service
// messages where they do not.
//
// It refuses to decide anything about a conversation, to keep anything that
// was promised to a citizen (the store does), and to take a message whose
// sender it cannot verify. The platform's library is met in the folder
// platform and nowhere else.
//
// # What it promises
//
// A message is taken once, whatever the platform repeats, and a citizen's
// messages are answered in the order in which they came. The platform is told
// that we have a message only when it is durable: its answer may be, or the
// message alone, which is then answered after a restart if need be.
//
// A reply leaves at least once. It leaves twice only where nobody can know
// better: the process died between the platform's yes and our record of it.
// A call whose outcome is unknown while we live is not made again.
//
// # What it costs
//
// BenchmarkCallback is the edge alone, beside a bare handler of net/http,
// SHA-1 and encoding/xml (wechattest.Bare) that verifies one signature and
// echoes. With an engine that costs nothing, 32 connections, client and server
// on the same two cores, best of several runs:
//
//	bare             17,300 msg/s   p50 0.6 ms   p99 21 ms
//	edge             23,200 msg/s   p50 0.7 ms   p99 11 ms
//	edge, encrypted  12,300 msg/s   p50 1.1 ms   p99 18 ms
//
// BenchmarkCallbackToReply in the program is the whole path: decrypted, looked
// up, understood, answered (half of the messages from a guide), durable, sealed,
// with the outbox's dispatcher beside it and the garbage collector set as serve
// sets it. On the same two cores, client and server, with the processors to
// itself (chrt -r 1, while others' load was 16 to 20), 60,000 messages each, one
// run, 2026-11-26:
//
//	connections   bare: msg/s  CPU µs   whole: msg/s  CPU µs  p50 ms  p99 ms   of bare
//	         32        58,924      32          7,003     238     3.8      27      0.12
//	        128        60,069      32          8,408     212      13      58      0.14
//	        256        56,223      34          7,791     215      29     105      0.14
//
// CPU is the processor time of both sides for one message. The target, a
// quarter of the bare handler's rate, is not met: at 256 connections other runs
// that day gave 0.15 to 0.18. On one morning the same messages went from 195 µs
// of processor time (9,620 a second, 0.15 of bare) to 176 µs (10,260, 0.17) by
// reading words by their bytes, characters from tables and particulars behind a
// look at their first character, and by encoding, signing and ranking in room
// that is kept; answers that were made better since cost some of it again.
//
// Of a message's time a quarter goes to understanding and knowledge, another to
// the store (words sealed, the journal, the tables), a fifth to this package and
// the cipher, an eighth to HTTP and the client (all that the bare handler has),
// a twentieth to the garbage collector. A profile-guided build won one per cent,
// a lazier collector none.
package wechat
