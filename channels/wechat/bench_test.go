package wechat

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
	"guanjia/channels/wechat/wechattest"
)

// quick is a receiver that costs next to nothing.
type quick struct{ n atomic.Int64 }

func (q *quick) Receive(_ context.Context, in bot.Inbound) (bot.Turn, error) {
	return bot.Turn{Out: []bot.Outgoing{{ID: bot.OutgoingID(q.n.Add(1)), To: in.From, Reply: bot.Reply{Text: "答：" + in.Text}}}}, nil
}
func (q *quick) Accept(context.Context, bot.Inbound) error          { return nil }
func (q *quick) Delivered(context.Context, ...bot.OutgoingID) error { return nil }
func (q *quick) Release(context.Context, ...bot.OutgoingID) error   { return nil }

const benchKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

// postman posts to the benchmarks' edge; key may be empty.
func postman(key string) *wechattest.Account {
	return &wechattest.Account{AppID: "wx1", Token: token, AESKey: key, Name: "gh_1"}
}

// flood sends different messages of 5,000 citizens over 32 connections and
// reports the rate and the waits.
func flood(b *testing.B, h http.Handler, account *wechattest.Account) {
	server := httptest.NewServer(h)
	defer server.Close()
	all := make([][]byte, b.N)
	for i := range all {
		var err error
		if all[i], err = account.Posting(text(fmt.Sprintf("oABCDEFGHIJKLMNOPQRST%07d", i%5000), 1000+i, "我想预约下周三办居住证")); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	load, err := wechattest.Flood(server.Listener.Addr().String(), all, 32)
	b.StopTimer()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(load.Rate(), "msg/s")
	b.ReportMetric(float64(load.Wait(.5).Microseconds()), "p50-µs")
	b.ReportMetric(float64(load.Wait(.99).Microseconds()), "p99-µs")
}

// BenchmarkCallback is callback to reply over HTTP: the edge with its checks,
// deduplication and single flight, beside the bare handler.
func BenchmarkCallback(b *testing.B) {
	b.Run("edge", func(b *testing.B) {
		e, err := New(Config{Receiver: &quick{}, Token: token})
		if err != nil {
			b.Fatal(err)
		}
		flood(b, e, postman(""))
		if err := e.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("edge-encrypted", func(b *testing.B) {
		c, err := platform.NewCipher("wx1", token, benchKey)
		if err != nil {
			b.Fatal(err)
		}
		e, err := New(Config{Receiver: &quick{}, Token: token, Cipher: c})
		if err != nil {
			b.Fatal(err)
		}
		flood(b, e, postman(benchKey))
		if err := e.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("bare", func(b *testing.B) { flood(b, wechattest.Bare(token), postman("")) })
}

// BenchmarkParse is one body, beside encoding/xml.
func BenchmarkParse(b *testing.B) {
	body := []byte(text("oABCDEFGHIJKLMNOPQRSTUVWXYZ01", 1, "我想预约下周三办居住证"))
	b.Run("scanner", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := parse(body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-xml", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var m struct{ ToUserName, FromUserName, CreateTime, MsgType, Content, MsgId string }
			if err := xml.Unmarshal(body, &m); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkInProcess is the handler alone, without the network.
func BenchmarkInProcess(b *testing.B) {
	run := func(b *testing.B, h http.Handler) {
		b.ReportAllocs()
		all := make([]*http.Request, b.N)
		for i := range all {
			all[i] = httptest.NewRequest("POST", "/wechat?"+sign(time.Now(), nonce()).Encode(), strings.NewReader(text(fmt.Sprint("o", i%5000), i, "预约")))
		}
		b.ResetTimer()
		for _, r := range all {
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != 200 {
				b.Fatal(w.Body)
			}
		}
	}
	b.Run("edge", func(b *testing.B) {
		e, err := New(Config{Receiver: &quick{}, Token: token})
		if err != nil {
			b.Fatal(err)
		}
		run(b, e)
		if err := e.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("bare", func(b *testing.B) { run(b, wechattest.Bare(token)) })
}
