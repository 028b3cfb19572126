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
// with the outbox's dispatcher beside it. On the same two cores, client and
// server, while little else ran (load average 2), 12,000 messages each, one
// run, 2026-11-26:
//
//	connections   bare: msg/s  CPU µs   whole: msg/s  CPU µs  p50 ms  p99 ms   of bare
//	         32        48,666      36          4,101     393     7.0      21      0.08
//	        128        51,182      38          4,858     350      25      54      0.09
//	        256        41,206      41          4,866     360      50     106      0.12
//
// With the processors to itself (chrt -r 1), right after:
//
//	connections   bare: msg/s  CPU µs   whole: msg/s  CPU µs  p50 ms  p99 ms   of bare
//	         32        52,753      38          4,546     379     6.4      20      0.09
//	        128        51,049      38          5,007     347      24      55      0.10
//	        256        49,034      40          4,901     349      51     102      0.10
//
// CPU is the processor time of both sides for one message. The target, a
// quarter of the bare handler's rate, is not met. Of a message's time three
// tenths go to SQLite's writer (two durable commits and the record of the
// delivery), two tenths to the knowledge, a tenth to the understanding, an
// eighth to this package with HTTP and the cipher, a twelfth to the garbage
// collector; all that the bare handler and the client take is a tenth of it.
package wechat
