package wechat

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
)

// quick is a receiver that costs next to nothing.
type quick struct{ n atomic.Int64 }

func (q *quick) Receive(_ context.Context, in bot.Inbound) (bot.Turn, error) {
	return bot.Turn{Out: []bot.Outgoing{{ID: bot.OutgoingID(q.n.Add(1)), To: in.From, Reply: bot.Reply{Text: "答：" + in.Text}}}}, nil
}
func (q *quick) Accept(context.Context, bot.Inbound) error          { return nil }
func (q *quick) Delivered(context.Context, ...bot.OutgoingID) error { return nil }
func (q *quick) Release(context.Context, ...bot.OutgoingID) error   { return nil }

// bare is what one would write on a napkin: net/http, sha1 and encoding/xml.
func bare(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	parts := []string{token, q.Get("timestamp"), q.Get("nonce")}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	if !hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(q.Get("signature"))) {
		http.Error(w, "signature", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(r.Body)
	var m struct{ ToUserName, FromUserName, MsgType, Content string }
	if err == nil {
		err = xml.Unmarshal(body, &m)
	}
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, "<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName><CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[答：%s]]></Content></xml>",
		m.FromUserName, m.ToUserName, time.Now().Unix(), m.Content)
}

// callbacks makes different messages of 5,000 citizens, as HTTP requests, with
// a cipher encrypted.
func callbacks(b *testing.B, c *platform.Cipher) [][]byte {
	all := make([][]byte, b.N)
	for i := range all {
		q, body := sign(time.Now(), nonce()), text(fmt.Sprintf("oABCDEFGHIJKLMNOPQRST%07d", i%5000), 1000+i, "我想预约下周三办居住证")
		if c != nil {
			q, body = envelopeFor(b, c, body)
		}
		all[i] = fmt.Appendf(nil, "POST /wechat?%s HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", q.Encode(), len(body), body)
	}
	return all
}

// flood sends every request over some connections and reports the rate and
// the latencies.
func flood(b *testing.B, h http.Handler, c *platform.Cipher) {
	server := httptest.NewServer(h)
	defer server.Close()
	all := callbacks(b, c)
	const lines = 32
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	b.ResetTimer()
	for range lines {
		wg.Go(func() {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			r := bufio.NewReader(conn)
			var mine []time.Duration
			for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
				begun := time.Now()
				if err := exchange(conn, r, all[i]); err != nil {
					b.Error(err)
					return
				}
				mine = append(mine, time.Since(begun))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	wg.Wait()
	b.StopTimer()
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// exchange sends one request and reads its answer.
func exchange(conn net.Conn, r *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != 200 || !bytes.Contains(body, []byte("答：")) && !bytes.Contains(body, []byte("<Encrypt>"))) {
		err = fmt.Errorf("%s: %s", res.Status, body)
	}
	return err
}

// BenchmarkCallback is callback to reply over HTTP: the edge with its checks,
// deduplication and single flight, beside the bare handler.
func BenchmarkCallback(b *testing.B) {
	b.Run("edge", func(b *testing.B) {
		e, err := New(Config{Receiver: &quick{}, Token: token})
		if err != nil {
			b.Fatal(err)
		}
		flood(b, e, nil)
		if err := e.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("edge-encrypted", func(b *testing.B) {
		c, err := platform.NewCipher("wx1", token, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
		if err != nil {
			b.Fatal(err)
		}
		e, err := New(Config{Receiver: &quick{}, Token: token, Cipher: c})
		if err != nil {
			b.Fatal(err)
		}
		flood(b, e, c)
		if err := e.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("bare", func(b *testing.B) { flood(b, http.HandlerFunc(bare), nil) })
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
	b.Run("bare", func(b *testing.B) { run(b, http.HandlerFunc(bare)) })
}
