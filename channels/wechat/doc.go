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
// either what many ask in the same words, which is remembered (bot.Recent), or
// words never said before, with a name and a town, with the outbox's dispatcher beside it and the garbage collector set as serve
// sets it. The client of both is the same (wechattest.Flood): messages are made,
// encrypted and signed before the clock starts, written whole on connections
// that stay, and the answers' heads and bodies read; it takes some 10 µs of
// processor time for a message. On two cores half as fast as those of the second
// table, client and server, with the processors to itself (chrt -r 1, load 2),
// 40,000 messages each, two runs, 2026-11-27:
//
//	connections   bare: msg/s        CPU µs   many ask: msg/s  CPU µs    of bare      never said: msg/s  CPU µs     of bare
//	         32   18,138, 19,533    106, 96   4,639, 3,947    346, 378  0.26, 0.20    1,962, 1,697      901, 1021  0.11, 0.09
//	        128   20,610, 21,233     94, 91   5,010, 5,035    353, 351  0.24, 0.24    2,218, 1,929      836, 931   0.11, 0.09
//	        256   28,581, 21,755     68, 89   4,695, 4,501    374, 384  0.16, 0.21    1,879, 2,359      953, 790   0.07, 0.11
//
// The target, a quarter of the bare handler's rate, is met in one of six. Before
// anything was remembered, on the same two cores as the package's first table, 60,000
// messages each, one run, 2026-11-26:
//
//	connections   bare: msg/s  CPU µs   whole: msg/s  CPU µs  p50 ms  p99 ms   of bare
//	         32        56,930      34          7,048     238     3.7      31      0.12
//	        128        54,704      35          8,713     203      12      67      0.16
//	        256        52,702      36          8,990     200      24     119      0.17
//
// CPU is the processor time of both sides for one message. The target would have
// taken 136 µs there.
//
// Of 218 µs in a run that was profiled then:
//
//	this package and the cipher                 43
//	understanding                               32
//	the guides                                  30
//	writing into the tables                     28
//	the journal and what it holds, sealed       24
//	the conversation                            22
//	the garbage collector                       12
//	the client                                  11
//	net/http                                     9
//	the rest, most of it Go's scheduler          9
//
// The same messages took 223 µs in runs between those that gave 200 before
// patterns became automata, what a question shares with all names was counted
// at once, the tables were written twice a second instead of five times, and
// envelopes got room that is kept. A message leaves 39 KB of garbage, 48 before.
// What brought nothing: a profile-guided build (217 and 217 µs beside 216 and
// 218, for two and a half minutes of compiling), a collector that is lazier or
// never runs (fresh memory costs more than it saves), huge pages, and pages of
// 8 or 16 KiB in the tables.
package wechat
