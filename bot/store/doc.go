// Package store is the durable truth: citizens, conversations, transcripts,
// outbox, handoffs, openings, appointments and tickets, in SQLite (WAL,
// synchronous FULL) behind a journal. All writing goes through one writer that
// commits many turns together; reading goes through a pool that waits for it
// only where a read needs what is in the journal alone.
// Words and particulars are sealed under a key per citizen, which is wrapped
// by the installation's key; look-up is by blind index. Destroying a citizen's
// key is forgetting them.
//
// It refuses to decide anything of the domain (places and limits are the
// booking diary's, which it owns), to open records with another key
// than they were sealed with, and to talk to anyone but the database. SQL is
// written once with $N parameters so that PostgreSQL can stand behind the same
// methods; storetest is the suite both must pass.
//
// # The journal
//
// A commit whose part uses no SQL of its own (lines, replies, the conversation,
// the message answered, what was sent) becomes durable as one record of the
// journal, an append and an fdatasync for all who wait, and its rows are
// written into the tables a moment later with many others: each row once, as it
// stands by then. A commit with SQL (a booking, a ticket, a handoff) is a
// transaction as ever, which first writes what the journal holds. So a commit
// is wholly in one or wholly in the other, and the tables follow the journal's
// order. The number of the last record in the tables is changed in the
// transaction that writes it, which makes replaying it after a crash exact.
// What must see the newest state sees it: the conversation's version, a
// message's repeat and a reply's key are looked for among what is pending
// first, and readers of lines, changes and replies have it written before they
// read. Another process sees it within a fifth of a second.
//
// A message accepted is kept in memory until its turn is over or the next
// writing of the tables, whichever is first; whoever must say "taken" before
// that has it Kept. What the journal holds is sealed as in the tables; Forget
// erases it.
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
// busy (load 10; the processor time is that of clients and store together, and
// higher than on a machine of its own), one run, 40,000 each:
//
//	                              clients  durable/s  p50 ms  p99 ms   max ms  µs CPU
//	booking core, uniform             256     10,841    19.1    69.1     92.6      65
//	booking core, one hot opening     256     12,647    17.4    53.6     56.8      59
//	the turn's commit                 256      3,155    75.1   171.5    212.1     247
//	the whole turn                    256      2,144   110.0   242.2    298.2     342
//	SQLite, a transaction for each     32      1,684     0.3   105.1   12,975     283
//	the same, one hot opening          32      1,167     0.4   105.1   22,437     309
//	append 4 KiB + fdatasync            1        653     0.4    10.3    260.3     184
//
// With the processors to itself (chrt -r 1, 15,000 to 20,000 each; the turns
// over a tenth of the openings):
//
//	booking core, uniform             256     14,153    15.4    69.0     79.8      62
//	booking core, one hot opening     256     14,237    15.0    93.5     97.5      54
//	the turn's commit                 256      4,401    56.4   109.2    112.3     224
//	the whole turn                    256      2,977    84.9   134.4    153.0     326
//
// # Why it is as it is
//
//   - One writer takes together whoever waits (group commit): a commit costs a
//     wait for the disk, however many share it. Each caller's part runs behind
//     a savepoint, so that one that fails after writing leaves nothing.
//   - Places are decided in memory, by the diary (package booking), in the
//     order of the jobs: a booking reads no table, and what is left of an
//     opening is never written. It is its capacity without the appointments and
//     holds there are, counted when the store opens.
//   - What the diary decided is taken back with its job, or its batch; others
//     see it when it is durable.
//   - Openings lie on a sheet a day: a tenth of the rows to release and to read.
//   - What every turn asks is asked of memory where that is exact: the citizen's
//     conversation as the writer last committed it (of the last few thousand
//     citizens who wrote), and who may have replies held for them.
//   - Rows nothing reads again in a commit (lines, changes, appointments) are inserted at the
//     end of the batch, many with one statement; serials are saved once.
package store
