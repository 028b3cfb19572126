package main

import (
	"log/slog"
	"testing"

	"guanjia/bot"
	"guanjia/bot/ticket"
	"guanjia/config"
)

// TestSortingLearns: what the centre corrected is sorted so at the next opening.
func TestSortingLearns(t *testing.T) {
	settings, _, err := config.Load(config.Input{Flags: map[string]string{"demo": "false"}})
	if err != nil {
		t.Fatal(err)
	}
	o := opening{settings: settings, dir: t.TempDir(), now: tuesday(), log: slog.New(slog.DiscardHandler)}
	h, err := openHouse(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	const words = "电子围栏把我的小蓝车锁住还不了"
	before, err := h.sorter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := before.Sort(words); got.Sure && got.Category.ID == "c0505" {
		t.Fatalf("it is known already: %+v", got)
	}
	citizen, err := h.store.Identify(t.Context(), bot.Address{Channel: bot.Web, ID: "b1"}, h.clock())
	if err != nil {
		t.Fatal(err)
	}
	var v ticket.Ticket
	err = h.store.Commit(t.Context(), func(tx bot.Tx) error {
		v, err = h.store.File(t.Context(), tx, ticket.Ticket{Citizen: citizen.ID, Channel: bot.Web, Kind: ticket.Report, Type: ticket.Complaint,
			Title: "投诉", Text: words, Urgency: ticket.Normal, Key: "k", CreatedAt: h.clock()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	centre := ticket.Actor{Role: ticket.RoleCentre, Name: "amy"}
	if _, err := h.office.Do(t.Context(), v.Number, ticket.Command{Action: ticket.DoSort, By: centre, At: h.clock(), Category: "c0505"}); err != nil {
		t.Fatal(err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if h, err = openHouse(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer h.close()
	after, err := h.sorter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := after.Sort("电子围栏又把小蓝车锁住了"); got.Category.ID != "c0505" || !got.Sure {
		t.Errorf("after the correction: %s %.2f", got.Category.ID, got.Confidence)
	}
}
