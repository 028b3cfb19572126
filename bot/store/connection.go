package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// connection is one connection that writes, with the statements prepared on it.
type connection struct {
	*dialect
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	bulks map[bulk]string // statements by head and rows
}

func connect(ctx context.Context, db *sql.DB, d *dialect) (*connection, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &connection{dialect: d, conn: conn, stmts: map[string]*sql.Stmt{}, bulks: map[bulk]string{}}
	if d.setUp == "" {
		return c, nil
	}
	if _, err := conn.ExecContext(ctx, d.setUp); err != nil {
		return nil, errors.Join(fmt.Errorf("set up connection: %w", err), conn.Close())
	}
	return c, nil
}

func (c *connection) close() error {
	var errs []error
	for _, stmt := range c.stmts {
		if err := stmt.Close(); !c.leased { // a session that may be gone takes them along
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

// stmt prepares a statement once.
func (c *connection) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := c.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(ctx, c.bind(query))
	if err != nil {
		return nil, fmt.Errorf("prepare statement: %w", err)
	}
	c.stmts[query] = stmt
	return stmt, nil
}

func (c *connection) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := c.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row runs a query for one row of the tables, which may lack what is pending.
func (c *connection) row(ctx context.Context, query string, args []any, into ...any) (found bool, err error) {
	stmt, err := c.stmt(ctx, query)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// bulk is a statement for any number of rows of so many values.
type bulk struct {
	head, tail string
	width      int
	types      string // of a row's values, where nothing else tells them
}

// bulkSizes are how many rows go into one statement, largest first: few sizes,
// so that each is prepared once.
var bulkSizes = [...]int{64, 16, 4, 1}

// insert runs a statement for rows, their values one after the other.
func (c *connection) insert(ctx context.Context, b bulk, values []any) error {
	for _, size := range bulkSizes {
		n := size * b.width
		for len(values) >= n {
			if _, err := c.exec(ctx, c.rowsOf(b, size), values[:n]...); err != nil {
				return err
			}
			values = values[n:]
		}
	}
	return nil
}

// rowsOf is the statement for so many rows.
func (c *connection) rowsOf(b bulk, rows int) string {
	key := bulk{head: b.head, width: rows}
	if query, ok := c.bulks[key]; ok {
		return query
	}
	var q strings.Builder
	q.WriteString(b.head)
	types := strings.Fields(b.types)
	for i := range rows * b.width {
		switch {
		case i == 0:
			q.WriteString("(")
		case i%b.width == 0:
			q.WriteString("), (")
		default:
			q.WriteString(", ")
		}
		q.WriteString("$" + strconv.Itoa(i+1))
		if c.casts && len(types) > 0 {
			q.WriteString("::" + types[i%b.width])
		}
	}
	q.WriteString(")" + b.tail)
	c.bulks[key] = q.String()
	return c.bulks[key]
}
