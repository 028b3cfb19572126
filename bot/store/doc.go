// Package store is the durable truth: citizens, conversations, transcripts,
// outbox, handoffs, openings, appointments and tickets, in SQLite (WAL,
// synchronous FULL). All writing goes through one writer that commits many
// turns together; reading goes through a pool that never waits for it.
// Words and particulars are sealed under a key per citizen, which is wrapped
// by the installation's key; look-up is by blind index. Destroying a citizen's
// key is forgetting them.
//
// It refuses to decide anything of the domain beyond what must hold inside a
// transaction (places, limits, uniqueness), to open records with another key
// than they were sealed with, and to talk to anyone but the database. SQL is
// written once with $N parameters so that PostgreSQL can stand behind the same
// methods; storetest is the suite both must pass.
//
// # Speed
//
// `go test -run '^$' -bench . ./bot/store` measures what a caller sees until
// the disk has it. The booking core is the limits of the person served, the
// idempotency key, the place, the sealed appointment and its change for the
// desk, over 1,170,662 openings or one that never fills; the turn is all that
// the engine commits when a citizen says yes (with the person remembered, two
// lines, the reply, two reminders and the conversation), and the whole turn has
// the message's acceptance before it. On two virtual cores that others kept
// busy (load 10 to 15; the processor time of all is counted, and higher than on
// a machine of its own), 40,000 each:
//
//	                              clients  durable/s  p50 ms  p99 ms   max ms  µs CPU
//	booking core, uniform             256     11,048    19.8    64.1     80.5      66
//	booking core, one hot opening     256     12,564    17.6    49.7     73.0      63
//	the turn's commit                 256      2,767    80.7   246.3    313.2     252
//	the whole turn                    256      2,401   111.2   176.7    224.2     340
//	SQLite, a transaction for each     32      1,202     0.3   108.0   20,709     303
//	the same, one hot opening          32      1,419     0.3    24.0   18,355     278
//	append 4 KiB + fdatasync            1        972     0.3     7.6    188.8     162
//
// # Why it is as it is
//
//   - One writer takes together whoever waits (group commit): a commit costs a
//     wait for the disk, however many share it. Each caller's part runs behind
//     a savepoint, so that one that fails after writing leaves nothing.
//   - A booking reads all that can stand against it before it writes, so that
//     refusals cost no undoing.
//   - Openings are kept by their natural key: one tree to search, and half the
//     size of a table with an index beside it.
//   - Rows nothing reads again in a commit (lines, changes) are inserted at the
//     end of the batch, many with one statement; serials are saved once.
package store
