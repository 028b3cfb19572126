package store

import (
	"fmt"
	"strconv"
	"strings"
)

// sealedColumn is a column whose values are sealed under a citizen's key.
type sealedColumn struct {
	table, column string
	key           []string // of the table's rows, in the order they are gone through
	row           []string // what a value is bound to; nil: the key
	citizen       string   // who owns it; empty: the column citizen
	join          string   // leads there
	large         bool     // pictures, voices, recordings
}

// sealedColumns is all there is under citizens' keys, so that it can be gone
// through; TestSealedColumns holds it against the schema and against what the
// package seals. What is in the journal alone is of these columns too.
func sealedColumns() []sealedColumn {
	id, number := []string{"id"}, []string{"number"}
	return []sealedColumn{
		{table: "citizen", column: "body", key: id, citizen: "t.id"},
		{table: "identity", column: "body", key: []string{"hash"}},
		{table: "conversation", column: "state", key: []string{"citizen"}},
		{table: "inbox", column: "body", key: id},
		{table: "line", column: "body", key: id},
		{table: "outbox", column: "body", key: id},
		{table: "attachment", column: "body", key: id, large: true},
		{table: "handoff", column: "body", key: id},
		{table: "appointment", column: "body", key: number},
		{table: "waiting", column: "body", key: id},
		{table: "appeal", column: "body", key: id},
		{table: "ticket", column: "body", key: number},
		{table: "step", column: "body", key: id, citizen: "o.citizen", join: "JOIN ticket o ON o.number = t.ticket "},
		{table: "claim", column: "body", key: id, row: []string{"wish", "key"}},
		{table: "donor", column: "body", key: []string{"citizen", "key"}, row: []string{"key"}},
		{table: "word", column: "body", key: id, row: []string{"wish", "key"}},
		{table: "opinion", column: "body", key: number},
		{table: "sample", column: "body", key: []string{"handoff", "by_staff"}},
		{table: "lesson", column: "body", key: id},
		{table: "missed", column: "body", key: id},
		{table: "consent", column: "body", key: id},
		{table: "policy_subscription", column: "body", key: []string{"citizen"}},
		{table: "outcall", column: "body", key: []string{"key"}},
	}
}

// name is what a value is bound to beside its row.
func (c sealedColumn) name() string { return c.table + "." + c.column }

func (c sealedColumn) owner() string {
	if c.citizen == "" {
		return "t.citizen"
	}
	return c.citizen
}

// bound are the columns a value is bound to.
func (c sealedColumn) bound() []string {
	if c.row == nil {
		return c.key
	}
	return c.row
}

// counted counts the values by how long their citizens' keys are. They are first
// counted by citizen: the keys are then read in their order, each once.
func (c sealedColumn) counted() string {
	return fmt.Sprintf(`SELECT length(c.key), SUM(o.n) FROM (SELECT %[1]s AS citizen, COUNT(*) AS n FROM %[2]s t %[3]sWHERE t.%[4]s IS NOT NULL GROUP BY %[1]s) o
		JOIN citizen c ON c.id = o.citizen GROUP BY length(c.key)`, c.owner(), c.table, c.join, c.column)
}

// page reads the next rows behind a key, the first ones without: the key, what
// the value is bound to, whose it is, and the value with the citizen's keys if
// those are being changed.
func (c sealedColumn) page(first bool, rows int) string {
	of := func(names []string) string { return "t." + strings.Join(names, ", t.") }
	var behind string
	if !first {
		behind = "WHERE (" + of(c.key) + ") > (" + parameters(1, len(c.key)) + ") "
	}
	return fmt.Sprintf(`SELECT %s, %s, c.id, CASE WHEN c.key_before IS NOT NULL THEN t.%s END, c.key, c.key_before
		FROM %s t %sJOIN citizen c ON c.id = %s %sORDER BY %s LIMIT %d`,
		of(c.key), of(c.bound()), c.column, c.table, c.join, c.owner(), behind, of(c.key), rows)
}

// exchange puts $1 in the place of $2 in the row of a key.
func (c sealedColumn) exchange() string {
	where := make([]string, len(c.key))
	for i, name := range c.key {
		where[i] = name + " = $" + strconv.Itoa(i+3)
	}
	return fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %[2]s = $2 AND %s", c.table, c.column, strings.Join(where, " AND "))
}

func parameters(from, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(all, ", ")
}

// rowOf is the name of a row, by the values a sealed one is bound to.
func rowOf(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case int64:
			parts[i] = rowID(v)
		case []byte:
			parts[i] = string(v)
		case string:
			parts[i] = v
		}
	}
	return strings.Join(parts, "/")
}
