package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"guanjia/bot/ticket"
)

// proofs confirm that callers have the telephone they seem to call from.
type proofs struct {
	*house
	mu    sync.Mutex
	codes map[string]*proofCode
}

// proofCode is a code on its way to a telephone.
type proofCode struct {
	digits string
	at     time.Time
	tries  int
}

// Bounds of codes.
const (
	proofLife  = 5 * time.Minute
	proofPause = time.Minute // before another is sent
	proofTries = 5
	mostCodes  = 10_000
)

func newProofs(h *house) *proofs { return &proofs{house: h, codes: map[string]*proofCode{}} }

// Challenge implements hotline.Proof.
func (p *proofs) Challenge(ctx context.Context, number string) (bool, error) {
	sms := p.textMessages()
	if sms == nil || len(number) != 11 || number[0] != '1' {
		return false, nil
	}
	code, sent, err := p.issue(number)
	if err != nil || sent {
		return sent, err
	}
	if err := (codes{sms}).SendCode(ctx, number, code); err != nil {
		p.mu.Lock()
		delete(p.codes, number)
		p.mu.Unlock()
		return false, fmt.Errorf("send a code to a caller: %w", err)
	}
	return true, nil
}

// issue makes a code, unless one went out a moment ago.
func (p *proofs) issue(number string) (code string, sent bool, err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", false, fmt.Errorf("make a code: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	if c := p.codes[number]; c != nil && now.Sub(c.at) < proofPause {
		return "", true, nil
	}
	for other, c := range p.codes {
		if now.Sub(c.at) > proofLife || len(p.codes) >= mostCodes {
			delete(p.codes, other)
		}
	}
	code = fmt.Sprintf("%06d", n)
	p.codes[number] = &proofCode{digits: code, at: now}
	return code, false, nil
}

// Proves implements hotline.Proof.
func (p *proofs) Proves(ctx context.Context, number, digits string) (bool, error) {
	if p.spend(number, digits) {
		return true, nil
	}
	if a, err := p.store.Appointment(ctx, "YY"+digits); err == nil && a.Phone.Reveal() == number {
		return true, nil
	}
	v, _, err := p.store.Ticket(ctx, "DG"+digits)
	if errors.Is(err, ticket.ErrNoTicket) {
		return false, nil
	}
	return err == nil && v.Phone.Reveal() == number && !v.Anonymous, err
}

// spend takes a code, once.
func (p *proofs) spend(number, digits string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.codes[number]
	if c == nil || p.clock().Sub(c.at) > proofLife {
		return false
	}
	if c.tries++; c.tries > proofTries {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(c.digits), []byte(digits)) != 1 {
		return false
	}
	delete(p.codes, number)
	return true
}
