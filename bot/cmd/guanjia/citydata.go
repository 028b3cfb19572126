package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/citydata"
	"guanjia/bot/store"
	"guanjia/config"
	"guanjia/handlers/policy"
	"guanjia/handlers/theme"
)

// city ties the city's data to the errands that ask for it.
type city struct {
	client *citydata.Client
	store  *store.Store
	clock  bot.Clock
}

// openCity makes the client; nil without an address.
func openCity(s config.Settings, st *store.Store, clock bot.Clock) (*city, error) {
	if s.CityDataURL == "" {
		return nil, nil
	}
	key, err := cityKey(s.CityDataKeyFile)
	if err != nil {
		return nil, err
	}
	c := &city{store: st, clock: clock}
	c.client, err = citydata.New(citydata.Config{URL: s.CityDataURL, KeyID: s.CityDataKeyID, Key: key, Log: c, Clock: clock})
	if err != nil {
		return nil, fmt.Errorf("open city data: %w", err)
	}
	return c, nil
}

// cityKey reads the key: hex, 32 bytes or more.
func cityKey(file string) ([]byte, error) {
	if file == "" {
		return nil, errors.New("citydata_key_file is missing: citydata_url is set")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read citydata_key_file: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) < 32 {
		return nil, errors.New("citydata_key_file does not hold 32 bytes or more in hex")
	}
	return key, nil
}

// NoteQuery implements citydata.Log.
func (c *city) NoteQuery(ctx context.Context, q citydata.Query) error {
	return c.store.NoteCityQuery(ctx, store.CityQuery(q))
}

// Agreed implements theme.City and policy.City.
func (c *city) Agreed(ctx context.Context, citizen bot.CitizenID, purpose string, at time.Time) (string, error) {
	return c.store.AgreeToCityData(ctx, citizen, purpose, at)
}

// Firm implements policy.City.
func (c *city) Firm(ctx context.Context, citizen bot.CitizenID, consent, code string) (facts map[string]string, known bool, err error) {
	firm, err := c.client.Firm(ctx, citydata.For{Citizen: citizen, Purpose: policy.Purpose, Consent: consent}, code)
	if errors.Is(err, citydata.ErrUnknown) || errors.Is(err, citydata.ErrCode) {
		return nil, false, nil
	}
	return firm.Facts, err == nil, err
}

// Held implements theme.City.
func (c *city) Held(ctx context.Context, who theme.LookUp, kinds []string) ([]theme.Licence, bool, error) {
	asking := citydata.For{Citizen: who.Citizen, Purpose: who.Purpose, Consent: who.Consent}
	agrees, err := c.client.Agree(ctx, asking, who.Name, who.IDNumber)
	if err != nil || !agrees {
		return nil, false, err
	}
	found, err := c.client.Licences(ctx, asking, who.Name, who.IDNumber, kinds)
	if err != nil {
		return nil, true, err
	}
	held := make([]theme.Licence, len(found))
	for i, l := range found {
		held[i] = theme.Licence{Kind: l.Kind, Valid: l.Valid(c.clock())}
	}
	return held, true, nil
}
