package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"guanjia/knowledge"
)

// mostMapped bounds a table that is read whole, in bytes; it is the page's.
const mostMapped = 64 << 20

// readMapped reads a table of guides whose columns are what the caller says, and
// for the rest what their headings say.
func readMapped(ctx context.Context, in io.Reader, said []string, progress knowledge.Progress) ([]knowledge.Guide, knowledge.Report, error) {
	raw, err := io.ReadAll(io.LimitReader(in, mostMapped+1))
	if err != nil {
		return nil, knowledge.Report{}, fmt.Errorf("read: %w", err)
	}
	if len(raw) > mostMapped {
		return nil, knowledge.Report{}, errors.New("a table of more than 64 MB: divide it")
	}
	_, table, err := tableOf(raw)
	if err != nil {
		return nil, knowledge.Report{}, err
	}
	if table == nil {
		return nil, knowledge.Report{}, errors.New("--map: the file is no table, its fields have names already")
	}
	keys, err := knowledge.MappingSaid(table[0].Cells, said)
	if err != nil {
		return nil, knowledge.Report{}, err
	}
	return knowledge.ImportMapped(ctx, table, keys, progress)
}
