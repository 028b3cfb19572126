package desk

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"guanjia/bot"
)

// surgeShown is how long operators' pages show a sudden event after it last grew.
const surgeShown = time.Hour

// sudden is a sudden event as operators are told of it: what and where, so that
// they know it when somebody else tells them the same.
type sudden struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// sudden are the events going on that are an account's to know, newest first.
func (d *Desk) sudden(ctx context.Context, who Account) ([]sudden, error) {
	shown := []sudden{}
	if d.Work == nil {
		return shown, nil
	}
	events, err := d.Work.Tickets.Events(ctx, d.Clock().Add(-surgeShown))
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	for _, e := range events {
		if !who.covers(e.Town) {
			continue
		}
		shown = append(shown, sudden{strconv.FormatInt(e.ID, 10), fmt.Sprintf("突发：很多人反映%s“%s”，短时间内 %d 件，%s 发现",
			d.Towns[e.Town], d.category(e.Category).Name, e.Count, e.At.In(bot.Shanghai()).Format("15:04"))})
	}
	return shown, nil
}
