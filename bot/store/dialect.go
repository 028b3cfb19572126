package store

import (
	"context"
	"database/sql"
	"strings"
)

// checkpointPages of 4 KiB in the log before they are copied home: pages
// written by several batches are copied once.
const checkpointPages = "16384"

// database is where the tables are.
type database interface {
	// begun says whether there are records.
	begun(context.Context) (bool, error)
	// open connects those who write, bringing the schema up to date.
	open(context.Context) (*sql.DB, error)
	// openReads connects those who only read.
	openReads(context.Context) (*sql.DB, error)
	dialect() *dialect
	// listen calls heard when another session has put something into the outbox,
	// and when some such may have been missed, until ctx ends.
	listen(ctx context.Context, heard func())
}

// dialect is the little that SQLite and PostgreSQL say differently: all other
// SQL is written once, with $N parameters, integers for booleans, and nothing
// that only one of them knows.
type dialect struct {
	bind   func(query string) string // $N as the driver takes them
	begin  string                    // a transaction that writes
	setUp  string                    // said once on a connection that writes
	having string                    // names the tables that have the column $1
	empty  string                    // empties the log of what was overwritten, if there is one
	casts  bool                      // parameters in VALUES that stand alone need their type
	leased bool                      // who writes holds a lease there, in place of a journal here
	claim  string                    // ends a query for rows o that are to be taken: those that another session holds are passed over
	// keepMessages keeps a message once, answered if it is by now.
	keepMessages bulk
}

const messageColumns = "INSERT INTO inbox (id, citizen, hash, received_at, answered, body) VALUES "

var sqliteDialect = &dialect{
	// The driver binds $N by order of first appearance, which silently swaps
	// arguments; ?N it binds by number.
	bind:  func(query string) string { return strings.ReplaceAll(query, "$", "?") },
	begin: "BEGIN IMMEDIATE",
	setUp: "PRAGMA wal_autocheckpoint = " + checkpointPages,
	having: `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.name = $1 ORDER BY m.name`,
	empty: "PRAGMA wal_checkpoint(TRUNCATE)",
	keepMessages: bulk{head: messageColumns, width: 6,
		tail: ` ON CONFLICT (id) DO UPDATE SET answered = 1, body = NULL WHERE excluded.answered = 1 ON CONFLICT (hash) DO NOTHING`},
}
