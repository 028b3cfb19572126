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
// SHA-1 and encoding/xml (wechattest.Bare) that checks nothing else and echoes;
// BenchmarkCallbackToReply in the program is the whole path: decrypted, looked
// up, understood, answered from a guide or a flow, durable, sealed. Client and
// server share two cores, TABLE
package wechat
