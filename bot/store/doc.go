// Package store is the durable truth: citizens, conversations, transcripts,
// outbox, handoffs, openings, appointments and tickets, in SQLite (WAL,
// synchronous FULL) behind a journal, or in PostgreSQL. All writing goes
// through one writer that commits many turns together; reading goes through a
// pool that waits for it only where a read needs what is in the journal alone.
// Words and particulars are sealed under a key per citizen, which is wrapped
// by the installation's key; look-up is by blind index. Destroying a citizen's
// key is forgetting them.
//
// It refuses to decide anything of the domain (places and limits are the
// booking diary's, which it owns), to open records with another key
// than they were sealed with, and to talk to anyone but the database. SQL is
// written once with $N parameters; the little that SQLite and PostgreSQL say
// differently is a dialect, and storetest is the suite both pass.
//
// # The journal
//
// A commit whose part uses no SQL of its own (lines, replies, the conversation,
// the message answered, what was sent, what the diary of appointments decided)
// becomes durable as one record of the journal, an append and an fdatasync for
// all who wait. Its rows are written into the tables up to half a second
// later, with many others and beside the turns: each row once, as it stands by
// then. A commit with SQL (a ticket, a handoff) is a transaction as ever, which
// first writes what the journal holds. So a commit is wholly in one or wholly
// in the other, and the tables follow the journal's order. The number of the
// last record in the tables is changed in the transaction that writes it, which
// makes replaying it after a crash exact. What must see the newest state sees
// it: a conversation's version, a message's repeat and a reply's key are looked
// for among what is pending first, and whoever reads from the pool has it
// written before. Another process sees it within half a second; one that
// only reads after a crash has the journal written first.
//
// A message accepted is kept in memory until its turn is over or the next
// writing of the tables, whichever is first; whoever must say "taken" before
// that has it Kept. What the journal holds is sealed as in the tables; Forget
// erases it.
//
// # Versions
//
// Opening brings the tables up to date by numbered steps, from any earlier
// version (TestUpgradeFromEach; TestUpgrade opens what earlier programs wrote).
// Records that took a step this program does not know are refused with
// ErrNewer: going back is restoring the backup made before.
//
// # PostgreSQL
//
// Where a database's address is given, the same writer, diary and methods stand
// on PostgreSQL. There is no journal then: a group of commits is one transaction
// there, many rows with one statement, which is what makes it fast (a row that
// all want is locked once for all who want it), and what is acknowledged is in
// one place, which can be replicated and taken over.
//
// One process writes: its writing session holds an advisory lock, so that losing
// the session is losing both the right and the means. The row of table lease
// gives each owner an epoch and each group the next number, in the group's
// transaction. An owner that loses its session takes the lock again, ending its
// old session; where another owner has been meanwhile it is fenced and ends.
// When the session is lost during COMMIT, the number tells afterwards whether
// the group is there; until then who waits gets ErrUnknown, nothing of it is
// shown, and nothing else is committed. A session that is silent for twenty
// seconds, or six where other instances wait, is ended by the server, so that an
// owner that was stopped or cut off does not keep the lease; until the server has
// answered it again such an owner is not Assured, and what its memory shows is
// not to be given to anybody. A Candidate sees who has the lease, ends the session
// of an owner that stopped in the middle of a statement, which the server does
// not count as silence, and opens the records when nobody has it. Of several servers in the address the primary is
// used; that there is one only is the keeper's of the database to see to.
//
// Rows of the outbox are claimed FOR UPDATE SKIP LOCKED: what a session that looks
// by hand holds is passed over, with the citizen's later rows, instead of holding
// up the writer. What such a session puts there wakes the dispatcher by NOTIFY; the
// writer's session is marked, and its commits, which wake it anyhow, send none.
//
// # Speed
//
// `go test -run '^$' -bench . ./bot/store` measures what a caller sees until
// the disk has it. The booking core is the limits of the person served, the
// idempotency key, the place, the sealed appointment and its change for the
// desk, over 1,170,662 openings or one that never fills; the turn is all that
// the engine commits when a citizen says yes (with the person remembered, two
// lines, the reply, two reminders and the conversation), and the whole turn has
// the message's acceptance before it; talk is a whole turn that only talks. On
// two virtual cores with nothing else to do, all in one run of a second each,
// 2026-11-26; the processor time is that of clients and store together:
//
//	                              clients  durable/s  p50 ms  p99 ms   max ms  µs CPU
//	booking core, uniform             256     47,604     3.8    33.0     64.3      34
//	booking core, one hot opening     256     55,923     3.4    19.2     57.4      27
//	talk                              256     24,184     8.2    42.2     54.2      66
//	the turn's commit                 256     11,984    18.7    70.2     75.1     143
//	the whole turn                    256     11,542    19.8    64.8     68.2     147
//	SQLite, a transaction for each     32      2,704     0.2   329.7    1,034     199
//	the same, one hot opening          32      3,320     0.2    78.9    1,032     177
//	append 4 KiB + fdatasync            1      4,643     0.2     0.3      2.5     103
//
// With the processors to itself (chrt -r 1) beside a load of 19 to 22, which the
// disk feels, the core made 49,219 and 48,944 a second (p99 41 and 47 ms), the
// turn's commit 12,534. What is full is answered 2.4 million times a
// second, what is free at a hall on a day 268,142 times; of 100,000 citizens who
// came at once for 1,000 places none waited longer than 377 ms (TestBurst).
//
// BenchmarkWeek plays the city's busiest week of 2020 as package week draws it
// (5,153 services, 1,170,662 openings a week, 142,076 people): every day the day
// a week ahead is released, six in ten come at nine, each looks for the first
// free period and books it by the turn's commit, and one in ten cancels, by the
// tables. It took 40.6 s, with 53.7 s of processor time (149 s beside a load of
// 20); 139,291 booked, 2,785 found nothing,
// and places and appointments agreed.
//
// On PostgreSQL 15 with fsync, on the same two cores as its clients, which have
// them to themselves (chrt -r 1) beside a load of 24 to 37, all in one run of
// 20,000 each (-bench PostgreSQL), 2026-11-26; the processor time is the
// clients' and the store's, without the server's:
//
//	                              clients  durable/s  p50 ms  p99 ms   max ms  µs CPU
//	booking core, uniform             256     19,353    12.3    38.6     43.8      46
//	booking core, one hot opening     256     20,924    11.8    42.9     47.7      43
//	talk                              256      3,235    71.4   164.2    177.5     190
//	the turn's commit                 256      2,665    92.8   173.7    182.9     196
//	a transaction for each             32      6,569     4.2    14.5    107.9      83
//	the same                           64      6,606     8.6    55.3     83.6      78
//	the same, one hot opening          32      1,525    14.6   101.1    209.3     262
//	the same, one hot opening          64      1,143    37.3   270.9    606.7     264
//
// The two turns were measured later than the rest, 10,000 of each beside a load
// of 18, when the writer had ceased to ask the tables for what is known already:
// the version of a conversation that the turn has read itself, and keys of
// replies that were never given (2,401 and 1,456 a second before, 260 and
// 471 µs). What is left is the server's: some 450 µs a turn for the rows and
// their indexes, on the same two processors.
//
// Ten times the 15,000 bookings a second that were asked for is not reached: the
// core makes a third of that, in memory with a journal of group syncs, as was
// looked for: the bare such thing makes 113,000 a second at 256 clients on a
// machine like this. Measured, beside a load of 20 to 35 and with the processors
// to itself (chrt -r 1), 2026-11-26, a booking of the core takes 32 µs of processor:
//
//	writing the tables (SQLite, on its own goroutine)        10 to 13 µs
//	the writer, one after another                           10 to 11 µs
//	  of these: deciding in the diary 5.1, sealing 1.6,
//	  writing and syncing the journal's record 0.8
//	the client                                                    3 µs
//	the rest: clearing memory, waking who waits                5 to 8 µs
//
// A sync is shared by some 160 bookings (1,808 syncs of 300,000), and is not what
// holds it up. Nor are the tables: with their writing left out altogether, in an
// experiment, a booking took 21 µs and the rate stayed between 22,000 and 48,000;
// with memory cleared a quarter as often too, 17 µs. What holds it up is the one writer's 10
// µs, which alone allow 95,000 a second, and its clients on the same two
// processors. Ten times as much on two processors allows 13 µs for everything:
// it would take diaries and writers by hall, each with its journal, particulars
// sealed by the clients, and no tables, so that every list, search and copy were
// answered from memory. A person's limits hold over all halls and one commit
// holds the conversation, the outbox and the appointment: both would have to be
// agreed between writers. That is neither simple nor safe, and is not built. The
// commit of a turn without SQL of its own is wholly in the journal as it is.
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
//   - Rows are inserted many with one statement, each once: a reply that left
//     meanwhile as sent, a message answered meanwhile as answered, of a
//     conversation the last state.
//   - A flusher of its own writes them, so that turns wait for no page of the
//     tables; groups with SQL wait for it.
//   - Nearly every new message is known to be new without a look into the table
//     (a Bloom filter over the hashes, read when the records are opened), and on
//     PostgreSQL, where a look is a round trip, nearly every new reply's key.
package store
