package wechattest

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Load is what a flood of callbacks came to.
type Load struct {
	Messages int
	Took     time.Duration
	waits    []time.Duration // sorted
}

// Rate is in messages a second.
func (l Load) Rate() float64 { return float64(l.Messages) / l.Took.Seconds() }

// Wait is the quantile of the times from a request's first byte to its
// answer's last.
func (l Load) Wait(quantile float64) time.Duration {
	if len(l.waits) == 0 {
		return 0
	}
	return l.waits[min(int(quantile*float64(len(l.waits))), len(l.waits)-1)]
}

// Flood sends each callback once, over so many connections at a time. Every
// answer must be a reply; the first that is none ends the flood.
func Flood(address string, callbacks [][]byte, connections int) (Load, error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	waits, faults := make([][]time.Duration, connections), make([]error, connections)
	begun := time.Now()
	for i := range connections {
		wg.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				faults[i] = err
				return
			}
			defer conn.Close()
			r := bufio.NewReader(conn)
			for n := next.Add(1) - 1; n < int64(len(callbacks)); n = next.Add(1) - 1 {
				sent := time.Now()
				if faults[i] = exchange(conn, r, callbacks[n]); faults[i] != nil {
					next.Store(int64(len(callbacks)))
					return
				}
				waits[i] = append(waits[i], time.Since(sent))
			}
		})
	}
	wg.Wait()
	l := Load{Messages: len(callbacks), Took: time.Since(begun), waits: slices.Concat(waits...)}
	slices.Sort(l.waits)
	return l, errors.Join(faults...)
}

// exchange sends one callback and reads its answer.
func exchange(conn net.Conn, r *bufio.Reader, callback []byte) error {
	if _, err := conn.Write(callback); err != nil {
		return err
	}
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !bytes.HasPrefix(body, []byte("<xml>"))) {
		err = fmt.Errorf("%s: %s", res.Status, body)
	}
	return err
}

// Posting is a message of the account as an HTTP/1.1 request to /wechat.
func (a *Account) Posting(message string) ([]byte, error) {
	q, body, err := a.Request(message)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "POST /wechat?%s HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", q.Encode(), len(body), body), nil
}

// Bare is what one would write on a napkin, to measure against: net/http, the
// plain signature and encoding/xml, and an echo for an answer.
func Bare(token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	})
}
