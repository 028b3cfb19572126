package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/redis"
	"guanjia/config"
	"guanjia/handlers/healthcode"
	"guanjia/intents/examples"
	"guanjia/knowledge"
)

// check looks at everything a start depends on; looked says at what.
func (p *program) check(ctx context.Context) (found []finding, looked []string) {
	add := func(level, subject string, err error) {
		for _, part := range unjoin(err) {
			found = append(found, finding{level, subject, part})
		}
	}
	add("error", "settings", p.faults)
	for _, f := range p.halfConfigured() {
		found = append(found, finding{"error", "settings", f})
	}
	for _, f := range doubtfulWeChat(p.settings) {
		found = append(found, finding{"warning", "settings", f})
	}
	if p.settings.HealthMode == string(healthcode.Emergency) {
		found = append(found, finding{"warning", "settings", "health_mode emergency needs a rule file that two administrators approved (/desk/switches); until one is in force guidance is"})
	}
	add("error", "examples", examplesFault())
	_, err := config.Towns()
	add("error", "towns", err)
	_, _, err = config.Catalogue()
	add("error", "catalogue", err)
	looked = []string{"settings", "keys", "examples", "towns", "catalogue"}
	records, there := p.checkRecords(ctx, bot.SystemClock())
	guides, err := p.guidesOver(ctx, len(records) == 0)
	add("error", "knowledge", err)
	if err == nil {
		looked = append(looked, fmt.Sprintf("%d guides", len(guides.Guides())))
		for _, f := range knowledge.Lint(guides.Guides(), bot.SystemClock()) {
			if f.Level == knowledge.LevelError {
				found = append(found, finding{"warning", "knowledge " + f.ID, f.Field + ": " + f.Message})
			}
		}
	}
	if there {
		looked = append(looked, "the records")
	} else {
		looked = append(looked, "no records, for there are none yet")
	}
	return append(found, records...), looked
}

// guidesOver are the guides of the data directory, those of the records among
// them where these can be opened.
func (p *program) guidesOver(ctx context.Context, records bool) (*knowledge.Base, error) {
	if records {
		return p.guidesNow(ctx)
	}
	s, err := knowledge.Open(ctx, p.settings.DataDir, nil)
	if err != nil {
		return nil, err
	}
	return s.Base(), nil
}

// checkRecords opens the records with their key, where there are any, and looks
// for what is missing in them at a time.
func (p *program) checkRecords(ctx context.Context, now time.Time) (found []finding, there bool) {
	s, err := p.openRecords(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	if err != nil {
		return []finding{{"error", "records", oneLine(err)}}, true
	}
	defer s.Close()
	plan, err := s.Plan(ctx)
	if err != nil {
		found = append(found, finding{"error", "records", oneLine(err)})
	}
	calendar := newWorkdays()
	calendar.learn(plan.Holidays)
	if year := now.AddDate(0, 0, yearAhead).Year(); err == nil && !calendar.Known(year) {
		found = append(found, finding{"warning", "calendar", fmt.Sprintf(
			"the table of holidays and working weekends of %d is missing: only weekends and the days off by law are known; enter the State Council's notice at /hall/calendar", year)})
	}
	n, err := s.DemoRecords(ctx)
	if err != nil {
		found = append(found, finding{"error", "records", oneLine(err)})
	}
	if n > 0 && !p.settings.Demo {
		found = append(found, finding{"error", "records", "sample records are there; run `guanjia demo clear` before a live start"})
	}
	return found, true
}

// yearAhead is how many days before a year begins its table is missed: the
// notice comes in November.
const yearAhead = 60

// halfConfigured names settings that make no sense without others.
func (p *program) halfConfigured() []string {
	s := p.settings
	var out []string
	out = append(out, halfWeChat(s)...)
	models := s.OpenAIModel + s.OpenAIEmbedModel + s.OpenAITranscribeModel + s.OpenAISpeechModel
	if models != "" && s.OpenAIBaseURL == "" {
		out = append(out, "openai_base_url is missing: a model is named")
	}
	if s.OIDCIssuer != "" && (s.OIDCClientID == "" || s.OIDCRedirect == "") {
		out = append(out, "oidc_client_id and oidc_redirect are needed: an oidc_issuer is named")
	}
	if s.RedisURL != "" {
		if err := redis.Check(s.RedisURL.Reveal()); err != nil {
			out = append(out, err.Error())
		}
	}
	if s.CityDataURL != "" {
		if _, err := cityKey(s.CityDataKeyFile); err != nil {
			out = append(out, err.Error())
		}
	}
	if s.DataKeyFile != "" {
		if info, err := os.Stat(s.DataKeyFile); err == nil && info.Mode().Perm()&0o077 != 0 {
			out = append(out, "data_key_file can be read by others; set its mode to 0600")
		}
	}
	return out
}

// examplesFault is what is wrong with the examples the classifier learns from.
func examplesFault() error {
	_, err := examples.Load(examples.Embedded())
	return err
}

// unjoin takes joined errors apart.
func unjoin(err error) []string {
	if err == nil {
		return nil
	}
	return strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' })
}
