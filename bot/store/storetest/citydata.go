package storetest

import (
	"context"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testCityData notes queries under the consent that was given, and no others.
func testCityData(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	c, err := s.Identify(ctx, bot.Address{Channel: bot.Web, ID: "w1"}, monday)
	s.must(err)
	consent, err := s.AgreeToCityData(ctx, c.ID, "theme:newborn", monday)
	s.must(err)
	good := store.CityQuery{At: monday, Citizen: c.ID, Kind: "licences", Purpose: "theme:newborn", Consent: consent, Outcome: "asked"}
	s.must(s.NoteCityQuery(ctx, good))
	for _, bad := range []func(*store.CityQuery){
		func(q *store.CityQuery) { q.Consent = "none" },
		func(q *store.CityQuery) { q.Purpose = "policy" },
		func(q *store.CityQuery) { q.Citizen = "p-other" },
	} {
		q := good
		bad(&q)
		if s.NoteCityQuery(ctx, q) == nil {
			t.Errorf("noted without consent: %+v", q)
		}
	}
	s.must(s.NoteCityQuery(ctx, store.CityQuery{At: monday, Kind: "services", Purpose: "catalogue", Outcome: "asked"}))
	mine, err := s.CityQueries(ctx, c.ID)
	s.must(err)
	if len(mine) != 1 || mine[0] != good {
		t.Errorf("%+v", mine)
	}
}
