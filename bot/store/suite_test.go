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
