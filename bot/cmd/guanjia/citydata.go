package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/citydata"
	"guanjia/bot/jobs"
	"guanjia/bot/store"
	"guanjia/config"
	"guanjia/handlers/policy"
	"guanjia/handlers/theme"
	"guanjia/knowledge"
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

// catalogueHour is when the catalogue of services is fetched, by night.
const catalogueHour = 3

// pullCatalogue takes up, once a day, the services that changed on the
// platform, each as the next version of its guide; what was withdrawn there
// answers no more. The version fetched last stands in a file beside the guides.
func (h *house) pullCatalogue(dir string) jobs.Task {
	pulled := ""
	return jobs.Task{Name: "pull service catalogue", Do: func(ctx context.Context, now time.Time) error {
		today := now.In(bot.Shanghai()).Format(time.DateOnly)
		if h.city == nil || now.In(bot.Shanghai()).Hour() < catalogueHour || pulled == today {
			return nil
		}
		pulled = today // a platform that is down is asked again tomorrow
		mark := filepath.Join(dir, "knowledge", "catalogue.version")
		since, err := os.ReadFile(mark)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read catalogue version: %w", err)
		}
		services, version, err := h.city.client.Services(ctx, strings.TrimSpace(string(since)))
		if err != nil || len(services) == 0 {
			return err
		}
		if _, err := h.guides.Take(ctx, guidesOfCatalogue(services), knowledge.Report{}, "import", "", now); err != nil {
			return fmt.Errorf("take up service catalogue: %w", err)
		}
		if err := os.WriteFile(mark, []byte(version+"\n"), 0o600); err != nil {
			return fmt.Errorf("keep catalogue version: %w", err)
		}
		return nil
	}}
}

// guidesOfCatalogue makes guides of the platform's services. Their ids are
// marked, so that none takes the place of a guide of our own.
func guidesOfCatalogue(services []citydata.Service) []knowledge.Guide {
	var out []knowledge.Guide
	for _, s := range services {
		g := knowledge.Guide{
			ID: "catalogue-" + s.ID, Title: s.Title, Department: s.Department, Confidence: "imported",
			Sources: []knowledge.Source{{Title: "政务数据平台事项目录"}}, AsOf: fmt.Sprintf("第 %d 版", s.Version), Phone: []string{"12345"},
		}
		for _, m := range s.Materials {
			g.Materials = append(g.Materials, knowledge.Material{Name: m})
		}
		if s.Withdrawn {
			g.Status = knowledge.Withdrawn
		}
		out = append(out, g)
	}
	return out
}
