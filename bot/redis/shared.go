package redis

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bounds of waiting for Redis.
const (
	askTime  = 50 * time.Millisecond
	restTime = time.Second
)

// prefix begins every key, for a Redis that others use too.
const prefix = "guanjia:"

// Shared is what the instances share. All of it may be gone at any time.
// Kept is asked for before WriteBehind begins.
type Shared struct {
	client redis.UniversalClient
	aead   cipher.AEAD
	secret []byte
	log    *slog.Logger
	born   time.Time
	rests  atomic.Int64 // until when nothing is asked, from born on: a clock that is set back holds nobody up
	silent atomic.Bool  // it did not answer when it was asked last
	counts struct{ asked, failed, rested atomic.Int64 }
	kept   []*Kept
}

// Open reads the address: redis://user:password@host:port/number of one
// server; with ?addr=host:port for each other node, of a Cluster; with
// ?master_name=name and addr for each other Sentinel, of what they watch. rediss
// is the same over TLS. The server need not be there. The secret has 32 bytes.
func Open(address string, secret []byte, log *slog.Logger) (*Shared, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("seal what is shared: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("seal what is shared: %w", err)
	}
	client, err := connect(address)
	if err != nil {
		return nil, err
	}
	redis.SetLogger(library{log})
	return &Shared{client: client, aead: aead, secret: secret, log: log, born: time.Now()}, nil
}

// library is where the client's own lines go, which it would print on standard
// error: what matters in them comes back as errors and is counted.
type library struct{ log *slog.Logger }

// Printf implements the client's Logging.
func (l library) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis client", "said", fmt.Sprintf(format, v...))
}

// Check says what is wrong with an address, which holds a password and is not
// quoted.
func Check(address string) error {
	client, err := connect(address)
	if err != nil {
		return err
	}
	return client.Close()
}

func connect(address string) (redis.UniversalClient, error) {
	unreadable := errors.New("redis_url cannot be read as redis://user:password@host:port/number, with addr and master_name for Cluster and Sentinel")
	u, err := url.Parse(address)
	if err != nil {
		return nil, unreadable
	}
	switch q := u.Query(); {
	case q.Has("master_name"):
		o, err := redis.ParseFailoverURL(address)
		if err != nil {
			return nil, unreadable
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.MaxRetries, o.ContextTimeoutEnabled = restTime, askTime, askTime, -1, true
		return redis.NewFailoverClient(o), nil
	case q.Has("addr"):
		o, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, unreadable
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.MaxRetries, o.ContextTimeoutEnabled = restTime, askTime, askTime, -1, true
		return redis.NewClusterClient(o), nil
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, unreadable
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.MaxRetries, o.ContextTimeoutEnabled = restTime, askTime, askTime, -1, true
	return redis.NewClient(o), nil
}

// Close gives connections back.
func (s *Shared) Close() error { return s.client.Close() }

// Figures are what was asked of Redis since the start, what of it failed, and
// what was not asked because something had just failed.
func (s *Shared) Figures() map[string]int64 {
	return map[string]int64{"asked": s.counts.asked.Load(), "failed": s.counts.failed.Load(), "rested": s.counts.rested.Load()}
}

// ask makes one call within its time; it is false where there is no answer.
func (s *Shared) ask(ctx context.Context, call func(context.Context) error) bool {
	if int64(time.Since(s.born)) < s.rests.Load() {
		s.counts.rested.Add(1)
		return false
	}
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	s.counts.asked.Add(1)
	err := call(ctx)
	if err == nil || errors.Is(err, redis.Nil) {
		if s.silent.CompareAndSwap(true, false) {
			s.log.Info("redis answers again")
		}
		return true
	}
	s.counts.failed.Add(1)
	s.rests.Store(int64(time.Since(s.born) + restTime))
	if s.silent.CompareAndSwap(false, true) { // once, and not every second
		s.log.Warn("redis does not answer", "error", err)
	}
	return false
}

// key is where something is kept, by what it is and a name nobody can read.
func (s *Shared) key(what, name string) string {
	return prefix + what + ":" + hex.EncodeToString(s.digest(what, name)[:16])
}

func (s *Shared) digest(parts ...string) []byte {
	h := hmac.New(sha256.New, s.secret)
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(p))))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// seal closes what is kept in a place until a time.
func (s *Shared) seal(place string, until time.Time, plain []byte) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	rand.Read(nonce)
	return s.aead.Seal(nonce, nonce, append(binary.BigEndian.AppendUint64(nil, uint64(until.UnixMilli())), plain...), []byte(place))
}

// open opens it; what is nobody's of ours is as good as nothing.
func (s *Shared) open(place string, sealed []byte) (until time.Time, plain []byte, ok bool) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return until, nil, false
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(place))
	if err != nil || len(plain) < 8 {
		return until, nil, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(plain))), plain[8:], true
}

// First keeps that a name came with a content, for so long, and says whether
// it came with none other before, as far as is known.
func (s *Shared) First(ctx context.Context, name, content string, life time.Duration) bool {
	ours := string(s.digest("content", content)[:16])
	theirs := ours
	s.ask(ctx, func(ctx context.Context) error {
		before, err := s.client.SetArgs(ctx, s.key("first", name), ours, redis.SetArgs{Mode: "NX", Get: true, TTL: life}).Result()
		if err == nil {
			theirs = before
		}
		return err
	})
	return theirs == ours
}

// Token is the access token of an account as another instance kept it; it is
// empty where none is there.
func (s *Shared) Token(ctx context.Context, account string) (token string, expires time.Time) {
	key := s.key("token", account)
	s.ask(ctx, func(ctx context.Context) error {
		sealed, err := s.client.Get(ctx, key).Bytes()
		if err != nil {
			return err
		}
		if until, plain, ok := s.open(key, sealed); ok {
			token, expires = string(plain), until
		}
		return nil
	})
	return token, expires
}

// KeepToken keeps an account's access token until it expires; the empty token
// is forgotten.
func (s *Shared) KeepToken(ctx context.Context, account, token string, expires time.Time) {
	key := s.key("token", account)
	s.ask(ctx, func(ctx context.Context) error {
		life := time.Until(expires)
		if token == "" || life <= 0 {
			return s.client.Del(ctx, key).Err()
		}
		return s.client.Set(ctx, key, s.seal(key, expires, []byte(token)), life).Err()
	})
}
