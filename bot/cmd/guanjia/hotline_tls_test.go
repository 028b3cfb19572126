package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
)

// certified makes a certificate for this machine and its key as files, and
// the roots that trust it.
func certified(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "12345"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, bytes []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	roots = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", sealed), roots
}

// free is a port nobody listens on just now.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// secured is one TLS connection to the line.
type secured struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	n    int
}

// ask sends a request and returns the last response to it that is final.
func (s *secured) ask(method, uri string, headers ...string) string {
	s.t.Helper()
	s.n++
	body := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
	if method != "INVITE" {
		body = ""
	}
	lines := append([]string{
		method + " " + uri + " SIP/2.0", "Via: SIP/2.0/TLS 127.0.0.1:40000;branch=z9hG4bK" + fmt.Sprint(s.n), "Max-Forwards: 70",
		"From: <sip:13800001111@127.0.0.1>;tag=a", "To: <" + uri + ">", "Call-ID: tls@test", fmt.Sprintf("CSeq: %d %s", s.n, method),
		"Contact: <sip:13800001111@127.0.0.1:40000;transport=tls>", "Content-Type: application/sdp", fmt.Sprint("Content-Length: ", len(body)),
	}, headers...)
	if _, err := s.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)); err != nil {
		s.t.Fatal(err)
	}
	for {
		response := ""
		length := 0
		for {
			line, err := s.in.ReadString('\n')
			if err != nil {
				s.t.Fatalf("after %q: %v", response, err)
			}
			if response += line; line == "\r\n" && strings.TrimSpace(response) == "" {
				response = ""
				continue
			}
			fmt.Sscanf(strings.ToLower(line), "content-length: %d", &length)
			if line == "\r\n" {
				break
			}
		}
		if _, err := s.in.Discard(length); err != nil {
			s.t.Fatal(err)
		}
		if !strings.HasPrefix(response, "SIP/2.0 1") {
			return response
		}
	}
}

// TestSecureLine: with a certificate the line is reached over TLS, and with
// users it asks for proof: a call without it is challenged, a wrong password
// too, the right one is answered.
func TestSecureLine(t *testing.T) {
	cert, key, roots := certified(t)
	addr := free(t)
	r := startLine(t, "GUANJIA_SIP_TLS_ADDR="+addr, "GUANJIA_SIP_TLS_CERT="+cert, "GUANJIA_SIP_TLS_KEY="+key, "GUANJIA_SIP_USERS=exchange:never-told")
	conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	s := &secured{t: t, conn: conn, in: bufio.NewReader(conn)}
	if got := s.ask("OPTIONS", "sip:12345@127.0.0.1"); !strings.HasPrefix(got, "SIP/2.0 200") {
		t.Fatalf("OPTIONS: %s", got)
	}
	const uri = "sip:12345@127.0.0.1"
	challenged := s.ask("INVITE", uri)
	for _, password := range []string{"guessed", "never-told"} {
		word := regexp.MustCompile(`(?i)WWW-Authenticate: (.*)\r`).FindStringSubmatch(challenged)
		if !strings.HasPrefix(challenged, "SIP/2.0 401") || word == nil {
			t.Fatalf("a call without proof: %s", challenged)
		}
		challenge, err := digest.ParseChallenge(word[1])
		if err != nil {
			t.Fatal(err)
		}
		proof, err := digest.Digest(challenge, digest.Options{Method: "INVITE", URI: uri, Username: "exchange", Password: password, Count: 1})
		if err != nil {
			t.Fatal(err)
		}
		challenged = s.ask("INVITE", uri, "Authorization: "+proof.String())
	}
	if !strings.HasPrefix(challenged, "SIP/2.0 200") {
		t.Errorf("a call with proof: %s", challenged)
	}
	if strings.Contains(r.logged.String(), "never-told") {
		t.Error("the log holds the password")
	}
	got := guanjia(t, "", "--data", t.TempDir(), "serve", "--http-addr", "127.0.0.1:0", "--desk-addr", "127.0.0.1:0", "--sip-addr", "127.0.0.1:0", "--sip-tls-addr", "127.0.0.1:0", "--sip-tls-cert", key, "--sip-tls-key", key)
	if got.status != 2 || !strings.Contains(got.err, "sip_tls_cert") {
		t.Errorf("without a certificate: exit %d: %s", got.status, got.err)
	}
}
