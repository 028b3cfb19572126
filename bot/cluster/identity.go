package cluster

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// identity is how instances know each other: a key made of the secret they
// share, with a certificate of its own. Whoever does not prove the same key,
// as server or as client, is no instance.
func identity(secret []byte) (*tls.Config, error) {
	if len(secret) < ed25519.SeedSize {
		return nil, errors.New("the instances' secret is too short")
	}
	key := ed25519.NewKeyFromSeed(secret[:ed25519.SeedSize])
	ours := key.Public().(ed25519.PublicKey)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "guanjia"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, ours, key)
	if err != nil {
		return nil, fmt.Errorf("make the instances' certificate: %w", err)
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientAuth:   tls.RequireAnyClientCert,
		// No authority vouches for the certificate: the key itself is looked at.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) > 0 {
				if theirs, ok := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey); ok && theirs.Equal(ours) {
					return nil
				}
			}
			return errors.New("no instance of this installation")
		},
	}, nil
}
