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
// through the engine like any other channel's. It places no call that
// bot/outcall does not allow, and takes nobody for who their number says where
// the trunk does not vouch for it. It never says that a thing is done which the
// engine has not committed, never shows a caller more for their number alone,
// and logs marks of its own instead of numbers and words.
//
// Measured on two virtual cores, callers on the same cores (the load is the
// machine's load average at the time):
//
//	what                                                   figure                              load  by
//	set-up and hang-up, UDP, both sides                    4,590 calls/s, 426 µs CPU, 0 failed 2     -bench SetUp ./signal
//	the same beside eight other builds                     375 calls/s, 656 µs CPU, 0 failed   27
//	500 calls, prompts playing, digits heard, a minute     pace p50 0.3 ms, p99 2.1 ms, 0 lost 1     GUANJIA_PROVE=1 … -run Simultaneous -v
//	from the 200 to the first sound, 200 calls             p50 21, p95 21, max 40 ms           5     GUANJIA_PROVE=1 … -run FirstSound -v
//	60 calls, prompts playing, digits heard                p50 1 ms, p99 over 20 ms, 0 lost    32    -run Simultaneous -v
//	a key stops the prompt (heard at the caller's)         15 ms                               25    -run BargeIn -v
//	a voice stops the prompt, from its beginning           277 ms                              25    -run BargeIn -v
//	1,000 calls with sound both ways, a minute, set up     3,291 calls/s; pace p50 0.4 ms,     20     GUANJIA_PROVE=1 chrt -r 1 … -run PlainCalls -v
//	  over SIP first, the callers' sound from one socket   p99 1.2 ms, 0 of 6 million lost
//	21,264 calls of 12 callers in an hour                  heap 24 to 29 MB all the way, at    16–27  GUANJIA_SOAK=1h … -run Soak -v
//	  (the test's own notes grew with the calls: since     the end 6 MB, 8 goroutines, no
//	  then it lets them go)                                transaction
//	end of speech to first sound, recogniser's time off    p50 0.70 s, worst of 8 0.70 s       18    -run Speech -v
//
// The targets of 1,000 calls/s and of 500 calls with a p99 of 10 ms are met on a
// machine with nothing else to do; GUANJIA_PROVE=1 demands the latter.
package hotline
