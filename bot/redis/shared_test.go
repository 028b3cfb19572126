package redis_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanjia/bot/redis"
	"guanjia/bot/redis/redistest"
)

var secret = bytes.Repeat([]byte("k"), 32)

func open(t *testing.T, address string) *redis.Shared {
	t.Helper()
	s, err := redis.Open(address, secret, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// shares waits until what one instance keeps another finds: a call that took
// longer than it may is as if there were no Redis.
func shares(t *testing.T, one, other *redis.Shared) {
	t.Helper()
	expires := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		one.KeepToken(t.Context(), "wx1", "token-7", expires)
		token, at := other.Token(t.Context(), "wx1")
		name := fmt.Sprint("nonce-", time.Now().UnixNano())
		if !one.First(t.Context(), name, "message 1", time.Minute) || !other.First(t.Context(), name, "message 1", time.Minute) {
			t.Error("the same message again is refused")
		}
		again := other.First(t.Context(), name, "message 2", time.Minute)
		if token == "token-7" && at.Equal(expires) && !again {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("nothing is shared: token %q until %s, another message with the same nonce is taken: %v", token, at, again)
		}
	}
}

// TestServer shares over one server, which then is slow, gone, and empty:
// nobody waits long, and what is gone is as if it had never been there.
func TestServer(t *testing.T) {
	server := redistest.Start(t)
	one, other := open(t, "redis://"+server.Addr), open(t, "redis://"+server.Addr+"/0")
	shares(t, one, other)
	stranger, err := redis.Open("redis://"+server.Addr, bytes.Repeat([]byte("x"), 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if token, _ := stranger.Token(t.Context(), "wx1"); token != "" {
		t.Error("another installation reads the token")
	}
	for failure, begin := range map[string]func(){"slow": server.Pause, "gone": server.Kill} {
		begin()
		begun := time.Now()
		for i := range 1000 {
			if !one.First(t.Context(), fmt.Sprint(failure, i), "message", time.Minute) {
				t.Errorf("%s: a first message is refused", failure)
			}
		}
		// A thousand calls that each waited their time would take 50 s.
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%s: a thousand calls took %s", failure, took)
		}
		if token, _ := one.Token(t.Context(), "wx1"); token != "" {
			t.Errorf("%s: there is a token", failure)
		}
		if f := one.Figures(); f["failed"] == 0 || f["rested"] < 900 {
			t.Errorf("%s: %v", failure, f)
		}
		if failure == "slow" {
			server.Go()
		} else {
			server.Begin() // empty
		}
		shares(t, one, other)
	}
	server.Say("FLUSHALL")
	if token, _ := other.Token(t.Context(), "wx1"); token != "" {
		t.Error("there is a token in an empty Redis")
	}
	shares(t, one, other)
	one.KeepToken(t.Context(), "wx1", "", time.Time{})
	if token, _ := other.Token(t.Context(), "wx1"); token != "" {
		t.Error("a forgotten token is there")
	}
}

// TestNothingReadable looks for what is shared in all that Redis holds.
func TestNothingReadable(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, "redis://"+server.Addr)
	shares(t, s, s)
	l := lead(t, "redis://"+server.Addr)
	l.counts.Set("13800138000", tries{N: 654321}, time.Hour)
	l.hands("13800138000", 654321)
	for _, word := range []string{"wx1", "token-7", "nonce-", "message", "13800138000", "654321"} {
		if n := strings.TrimSpace(server.Say(fmt.Sprintf(`EVAL "local n=0 for _,k in ipairs(redis.call('keys','*')) do local v=redis.call('type',k).ok=='hash' and table.concat(redis.call('hgetall',k)) or redis.call('get',k) if string.find(k..v,ARGV[1],1,true) then n=n+1 end end return n" 0 %s`, word))); n != ":0" {
			t.Errorf("%s can be read in Redis: %s", word, n)
		}
	}
}

// TestCluster shares over a Redis Cluster.
func TestCluster(t *testing.T) {
	node := redistest.Start(t, "--cluster-enabled", "yes")
	node.Say("CLUSTER ADDSLOTSRANGE 0 16383")
	address := "redis://" + node.Addr + "?addr=" + node.Addr
	shares(t, open(t, address), open(t, address))
}

// TestSentinel shares over the server that a Sentinel names.
func TestSentinel(t *testing.T) {
	master := redistest.Start(t)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, "sentinel monitor city 127.0.0.1 %s 1\n", master.Port()), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := redistest.Start(t, file, "--sentinel")
	address := "redis://" + sentinel.Addr + "?master_name=city"
	shares(t, open(t, address), open(t, address))
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"redis://127.0.0.1:6379": true, "rediss://user:password@host:6380/2": true, "redis://a:1?addr=b:2&addr=c:3": true,
		"redis://a:26379?master_name=city&addr=b:26379": true, "redis://a:1/word": false, "postgres://a:1": false, "redis://a:1?nonsense=1": false,
	} {
		err := redis.Check(address)
		if (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "password@host:6380") {
			t.Errorf("the password is shown: %v", err)
		}
	}
	s := open(t, "redis://127.0.0.1:1")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if !s.First(ctx, "a", "b", time.Minute) {
		t.Error("refused without Redis")
	}
}
