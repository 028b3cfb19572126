package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/metrics"
	"guanjia/bot/store/pgtest"
	"guanjia/channels/wechat/wechattest"
	"guanjia/config"
)

// BenchmarkCallbackToReply is a message's whole path over HTTP: decrypted,
// looked up, understood, answered, durable, sealed; beside the bare handler
// in the same run. "whole" is what citizens ask most, in the same words; in
// "fresh" each puts it in words of their own, and nothing remembered helps.
// "postgres" is "whole" with its records in a database that waits for the
// disk; the processor time is without that server's.
//
// Measured on 2 cores with the client on the same machine, see the package
// comment of channels/wechat and docs/scale.md.
func BenchmarkCallbackToReply(b *testing.B) {
	database := pgtest.Server{Durable: true}
	b.Cleanup(func() { // after those who use it
		if err := database.Stop(); err != nil {
			b.Error(err)
		}
	})
	tuneCollector() // as serve does
	embedded := benchDoor(b)
	bare := httptest.NewServer(wechattest.Bare(testToken))
	defer bare.Close()
	safe := &wechattest.Account{AppID: testAppID, Token: testToken, AESKey: testKey, Name: "gh_1"}
	plain := &wechattest.Account{Token: testToken, Name: "gh_1"}
	onDatabase := sync.OnceValue(func() *httptest.Server {
		return benchDoor(b, "GUANJIA_DATABASE_URL="+database.Database(b, "bench"))
	})
	known := map[*httptest.Server]bool{}
	for _, connections := range []int{32, 128, 256} {
		rate := 0.0
		b.Run(fmt.Sprintf("bare-%d", connections), func(b *testing.B) {
			rate = flood(b, bare, postings(b, plain, b.N, alike), connections).Rate()
		})
		for _, series := range []struct {
			name string
			says func(i int) string
			door func() *httptest.Server
		}{
			{"whole", alike, func() *httptest.Server { return embedded }},
			{"fresh", unlike, func() *httptest.Server { return embedded }},
			{"postgres", alike, onDatabase},
		} {
			b.Run(fmt.Sprintf("%s-%d", series.name, connections), func(b *testing.B) {
				door := series.door()
				if !known[door] { // a citizen's first message makes the citizen
					known[door] = true
					if _, err := wechattest.Flood(door.Listener.Addr().String(), postings(b, safe, citizensOfBench, alike), connections); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(flood(b, door, postings(b, safe, b.N, series.says), connections).Rate()/rate, "of-bare")
			})
		}
	}
}

// benchDoor is where the platform calls a service back, until the benchmark
// ends.
func benchDoor(b *testing.B, settings ...string) *httptest.Server {
	b.Helper()
	h, a := benchAccount(b, settings...)
	work, stop := context.WithCancel(context.Background())
	var owned sync.WaitGroup
	h.dispatcher.Senders[bot.WeChat] = a.edge
	owned.Go(func() { h.dispatcher.Run(work, h.store.OutboxWake(), outboxPulse) })
	door := httptest.NewServer(a.edge)
	b.Cleanup(func() {
		door.Close()
		stop()
		owned.Wait()
		closeBench(b, h, a)
	})
	return door
}

const citizensOfBench = 2000

// benchAccount is the service's account on a data directory of its own.
func benchAccount(b *testing.B, more ...string) (*house, *account) {
	b.Helper()
	api := wechattest.NewServer(testAppID, testSecret, nil)
	b.Cleanup(api.Close)
	settings, _, err := config.Load(config.Input{Env: append(accountSettings(api, testKey), more...)})
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	h, err := openHouse(b.Context(), opening{settings: settings, dir: b.TempDir(), live: true, log: log})
	if err != nil {
		b.Fatal(err)
	}
	figures := metrics.New()
	a, err := openAccount(settings, patient(), figures.Counting(h.engine), nil, nil, figures, bot.SystemClock, log)
	if err != nil {
		b.Fatal(err)
	}
	return h, a
}

func closeBench(b *testing.B, h *house, a *account) {
	b.Helper()
	if err := a.close(context.Background()); err != nil {
		b.Error(err)
	}
	if err := h.close(); err != nil {
		b.Error(err)
	}
}

// alike is what the citizen of message i says: each asks what citizens ask
// most, one question after the other.
func alike(i int) string {
	words := [...]string{"居住证要带什么材料", "我想预约办居住证", "取消", "身份证丢了怎么补", "市民服务中心几点上班", "谢谢"}
	return words[i/citizensOfBench%len(words)]
}

// unlike is the same with a name and a town before it; the same words come
// again after 48,000 others.
func unlike(i int) string {
	surnames, given, towns := []rune("陈李黄张梁林刘吴罗何"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"), [...]string{"莞城", "东城", "南城", "万江"}
	pick := func(of int) int {
		n := i % of
		i /= of
		return n
	}
	words := alike(i)
	name := string([]rune{surnames[pick(len(surnames))], given[pick(len(given))], given[pick(len(given))]})
	return "我是" + towns[pick(len(towns))] + "的" + name + "，" + words
}

// postings are n messages of different citizens in turn.
func postings(b *testing.B, a *wechattest.Account, n int, says func(i int) string) [][]byte {
	b.Helper()
	all := make([][]byte, n)
	for i := range all {
		message := a.Message(fmt.Sprintf("oBench%022d", i%citizensOfBench), "text", "<Content>"+wechattest.CDATA(says(i))+"</Content>")
		var err error
		if all[i], err = a.Posting(message); err != nil {
			b.Fatal(err)
		}
	}
	return all
}

func flood(b *testing.B, server *httptest.Server, all [][]byte, connections int) wechattest.Load {
	b.Helper()
	b.ResetTimer()
	spent := processorTime(b)
	load, err := wechattest.Flood(server.Listener.Addr().String(), all, connections)
	b.StopTimer()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((processorTime(b)-spent).Microseconds())/float64(b.N), "cpu-µs/msg")
	b.ReportMetric(load.Rate(), "msg/s")
	b.ReportMetric(float64(load.Wait(.5))/float64(time.Millisecond), "p50-ms")
	b.ReportMetric(float64(load.Wait(.99))/float64(time.Millisecond), "p99-ms")
	return load
}

// processorTime is what this process has used, the client's side included.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
