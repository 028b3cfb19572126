package hall

import (
	"context"
	"strconv"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// opinionRow is what a citizen said of a visit; it names nobody.
type opinionRow struct {
	booking.Opinion
	Title string
	Place string // the hall's name, where several are shown
}

const (
	mostOpinions = 12 // shown at once
	// opinionDays is over how many days satisfaction is summed up.
	opinionDays = 30
)

// opinions are the newest of a hall, or of all.
func (p *Pages) opinions(ctx context.Context, hall string, titles, places map[string]string) ([]opinionRow, error) {
	all, err := p.Ledger.Opinions(ctx, hall, mostOpinions)
	if err != nil {
		return nil, err
	}
	rows := make([]opinionRow, 0, len(all))
	for _, o := range all {
		row := opinionRow{Opinion: o, Title: titles[o.Service], Place: places[o.Hall]}
		if row.Title == "" {
			row.Title = o.Service
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// fillOpinions puts what citizens said of the halls on the board.
func (p *Pages) fillOpinions(ctx context.Context, v *filled, services []booking.Service) error {
	titles, places := map[string]string{}, map[string]string{}
	for _, s := range services {
		titles[s.ID] = s.Title
	}
	for _, h := range v.Halls {
		places[h.ID] = h.Name
	}
	from := p.Clock().In(bot.Shanghai()).AddDate(0, 0, -opinionDays).Format(time.DateOnly)
	var err error
	if v.sums, err = p.Ledger.Satisfaction(ctx, from); err != nil {
		return err
	}
	v.Opinions, err = p.opinions(ctx, "", titles, places)
	return err
}

// Text is the opinion's own words, as the page shows them.
func (o opinionRow) Text() string { return o.Words.Reveal() }

// stars writes a rating for a table, empty where there is none.
func stars(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
