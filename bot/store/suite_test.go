package store_test

import (
	"context"
	"testing"

	"guanjia/bot/store"
	"guanjia/bot/store/storetest"
)

// TestSQLite holds the store on SQLite to the suite.
func TestSQLite(t *testing.T) {
	storetest.Run(t, func(o store.Options) (*store.Store, error) { return store.Open(context.Background(), o) })
}

// TestPostgreSQL holds the store on PostgreSQL to the same suite.
func TestPostgreSQL(t *testing.T) {
	store.ModelSchema(t)
	storetest.Run(t, func(o store.Options) (*store.Store, error) {
		o.Database = store.Server.Database(t, o.Dir)
		return store.Open(context.Background(), o)
	})
}
