package main

import (
	"context"
	"encoding/hex"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/citydata"
	"guanjia/bot/citydata/standin"
	"guanjia/config"
)

// cityHouse is a service that asks a stand-in for the city's data.
func cityHouse(t *testing.T) (*house, *standin.Server) {
	t.Helper()
	key := []byte(strings.Repeat("k", 32))
	now := testsBegin()
	server := &standin.Server{KeyID: "guanjia", Key: key, Clock: func() time.Time { return now },
		People: []standin.Person{{Name: "刘秀英", IDNumber: "11010519491231002X", Licences: []citydata.Licence{{Kind: "id_card"}, {Kind: "hukou_book"}, {Kind: "marriage_cert", ValidTo: "2020-01-01"}}}},
		Firms:  map[string]citydata.Firm{"91441900MA4W000000": {Facts: map[string]string{"ent.type": "individual", "ent.vat_status": "small", "ent.in_dg": "yes"}}}}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	file := filepath.Join(t.TempDir(), "city.key")
	if err := os.WriteFile(file, []byte(hex.EncodeToString(key)), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := config.Load(config.Input{Flags: map[string]string{"citydata_url": web.URL, "citydata_key_file": file, "demo": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), opening{settings: s, dir: t.TempDir(), now: now, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	return h, server
}

// says sends words one after another and gives the last turn's replies and
// options as one text.
func says(t *testing.T, h *house, words ...string) string {
	t.Helper()
	var last strings.Builder
	for _, w := range words {
		turn, err := h.engine.Receive(context.Background(), bot.Inbound{From: bot.Address{Channel: bot.Web, ID: "w1"}, Text: w})
		if err != nil {
			t.Fatal(err)
		}
		last.Reset()
		for _, o := range turn.Out {
			last.WriteString(o.Reply.Text + "\n")
			for _, option := range o.Reply.Options {
				last.WriteString("[" + option.Text + "]")
			}
		}
	}
	return last.String()
}

const licencesOption = "查电子证照，看能少交哪些"

// A citizen who agrees gets a list that shrinks, and is told why; each query
// is noted under the consent, by ids only.
func TestCityDataShortensThePapers(t *testing.T) {
	h, server := cityHouse(t)
	plan := says(t, h, "出生一件事", "省内医院", "跟妈妈", "领了", "刚生")
	if !strings.Contains(plan, licencesOption) {
		t.Fatalf("not offered: %s", plan)
	}
	asked := says(t, h, licencesOption)
	if !strings.Contains(asked, "同意吗") || !strings.Contains(asked, "结婚证") || server.Asked("/v1/identity") != 0 {
		t.Fatalf("asked before consent, or not for it: %s", asked)
	}
	short := says(t, h, "同意，查一次", "刘秀英", "11010519491231002X")
	for _, want := range []string{"您要交的只有 1 样", "结婚证（电子证照已过期", "因为有有效的电子证照：父母身份证、落户一方的户口簿"} {
		if !strings.Contains(short, want) {
			t.Errorf("%q is missing: %s", want, short)
		}
	}
	citizen, err := h.store.Identify(t.Context(), bot.Address{Channel: bot.Web, ID: "w1"}, testsBegin())
	if err != nil {
		t.Fatal(err)
	}
	queries, err := h.store.CityQueries(t.Context(), citizen.ID)
	if err != nil || len(queries) != 4 || queries[3].Outcome != "ok" || queries[0].Purpose != "theme:newborn" || queries[0].Consent == "" {
		t.Errorf("%+v %v", queries, err)
	}
}

func TestCityDataAsksNothingOfWhoDoesNotAgree(t *testing.T) {
	h, server := cityHouse(t)
	said := says(t, h, "出生一件事", "省内医院", "跟妈妈", "领了", "刚生", licencesOption, "不同意")
	if !strings.Contains(said, "不查") || server.Asked("/v1/identity")+server.Asked("/v1/licences") != 0 {
		t.Errorf("%s", said)
	}
	said = says(t, h, "社保卡一件事", "第一次办", "自己", "要", licencesOption, "同意", "陈大文", "11010519491231002X")
	if !strings.Contains(said, "对不上") || server.Asked("/v1/licences") != 0 {
		t.Errorf("another's number: %s", said)
	}
}

func TestCityDataThatIsDownStopsNobody(t *testing.T) {
	h, server := cityHouse(t)
	says(t, h, "出生一件事", "省内医院", "跟妈妈", "领了", "刚生", licencesOption, "同意", "刘秀英")
	server.Behave(standin.Broken)
	if said := says(t, h, "11010519491231002X"); !strings.Contains(said, "不影响办事") {
		t.Errorf("%s", said)
	}
}

func TestCityDataKnowsTheFirm(t *testing.T) {
	h, _ := cityHouse(t)
	turn, err := h.engine.Receive(t.Context(), bot.Inbound{From: bot.Address{Channel: bot.Web, ID: "w1"}, Event: bot.EventMenu, EventKey: "policy"})
	if err != nil || len(turn.Out) == 0 {
		t.Fatal(err)
	}
	said := says(t, h, "用企业代码查", "91441900MA4W000000")
	if !strings.Contains(said, "个体户") || !strings.Contains(said, "看哪些适合") {
		t.Fatalf("%s", said)
	}
	if said = says(t, h, "看哪些适合", "不知道", "不知道"); !strings.Contains(said, "六税两费减半") {
		t.Errorf("%s", said)
	}
	// who begins with the questions is shown the way round them
	if said = says(t, h, "我们公司能享受什么惠企政策"); !strings.Contains(said, "[用企业代码查]") {
		t.Errorf("%s", said)
	}
	if said = says(t, h, "用企业代码查"); !strings.Contains(said, "统一社会信用代码") {
		t.Errorf("%s", said)
	}
}

// Off, nothing is offered and nothing asked.
func TestCityDataIsOffByDefault(t *testing.T) {
	s, _, err := config.Load(config.Input{})
	if err != nil || s.CityDataURL != "" {
		t.Fatalf("%q %v", s.CityDataURL, err)
	}
}

// The catalogue is taken up by night, a changed service as the next version,
// a withdrawn one out of the answers.
func TestCityDataCatalogueIsTakenUp(t *testing.T) {
	h, server := cityHouse(t)
	server.Version, server.Services = "1", []citydata.Service{{ID: "s1", Title: "龙舟竞渡活动备案", Version: 1, Materials: []string{"活动方案"}}}
	task := h.pullCatalogue(t.TempDir())
	night := testsBegin().AddDate(0, 0, 1)
	if err := task.Do(t.Context(), night); err == nil {
		t.Fatal("a folder that is not there is no place for the version")
	}
	guide, ok := h.base.Guide("catalogue-s1")
	if !ok || len(guide.Materials) != 1 || guide.AsOf != "第 1 版" {
		t.Fatalf("%+v", guide)
	}
	server.Version, server.Services = "2", []citydata.Service{{ID: "s1", Title: "龙舟竞渡活动备案", Version: 2, Withdrawn: true}}
	if err := task.Do(t.Context(), night); err != nil {
		t.Fatal(err)
	}
	if guide, _ = h.base.Guide("catalogue-s1"); guide.AsOf != "第 1 版" {
		t.Error("fetched twice a day")
	}
	h.pullCatalogue(t.TempDir()).Do(t.Context(), night)
	if guide, _ = h.base.Guide("catalogue-s1"); guide.Status != "withdrawn" || guide.Version != 2 {
		t.Errorf("%+v", guide)
	}
}
