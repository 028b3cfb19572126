package main

import (
	"context"
	"time"

	"guanjia/bot"
	"guanjia/bot/sheet"
	"guanjia/channels/desk"
)

// work is what the pages of those who deal with tickets are made of.
func (s *service) work() *desk.Work {
	h := s.house
	return &desk.Work{
		Tickets: h.store, Office: h.office, Claiming: h.claiming, Sieves: h.store, Keep: h.keepPicture,
		Categories: catalogueOf(h.departments, h.categories), Sheet: excel,
	}
}

// keepPicture keeps a picture under the key of the citizen it is about.
func (h *house) keepPicture(ctx context.Context, of bot.CitizenID, a bot.Attachment, at time.Time) (id string, err error) {
	err = h.store.Commit(ctx, func(tx bot.Tx) error {
		id, err = tx.Keep(of, a, at)
		return err
	})
	return id, err
}

// excel writes tables as one Excel file.
func excel(tables []desk.WorkTable) ([]byte, error) {
	var all []sheet.Table
	for _, t := range tables {
		all = append(all, sheet.Table{Name: t.Name, Rows: t.Rows, Chart: t.Chart})
	}
	return sheet.WriteExcel(all...)
}
