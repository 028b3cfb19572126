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
// itself (chrt -r 1, while others' load was 26), 10,000 messages each, one run,
// 2026-11-26:
//
//	connections   bare: msg/s  CPU µs   whole: msg/s  CPU µs  p50 ms  p99 ms   of bare
//	         32        50,146      40          5,151     324     5.1      27      0.10
//	        128        44,847      40          7,380     253      16      40      0.16
//	        256        39,222      43          7,407     244      32      76      0.19
//
// CPU is the processor time of both sides for one message. The target, a
// quarter of the bare handler's rate, is not met: at 256 connections other runs
// gave 0.14 to 0.16. Of a message's time a third goes to understanding and
// knowledge, a fifth to HTTP and the client (all that the bare handler has), a
// sixth to the store (words sealed, the journal, the tables), a tenth to this
// package and the cipher, a tenth to the garbage collector.
package wechat
