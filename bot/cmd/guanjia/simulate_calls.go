package main

import (
	"context"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/bot/simulate"
	"guanjia/channels/hotline"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
)

// mostCallers bounds how many calls are played; each holds a pair of ports.
const mostCallers = 200

// Ports that played telephones hear at.
const firstEar, lastEar = 42000, 42999

// telephones are the played callers' telephones, on this machine.
type telephones struct {
	line  *signal.Endpoint
	ports *media.Ports
	to    string
}

// callers are the calls to be played and their citizens' addresses; with a
// true operator's telephone configured they would make it ring, so that is
// refused. Close unplugs the telephones.
func (c *simulateCommand) callers(p *program) (calls simulate.Calls, addresses []bot.Address, unplug func(), err error) {
	if c.Callers == 0 {
		return calls, nil, func() {}, nil
	}
	if p.settings.SIPAddr == "" {
		return calls, nil, nil, usagef("there is no hotline to call: sip_addr is empty")
	}
	if p.settings.SIPOperatorURI != "" {
		return calls, nil, nil, usagef("played callers would ring a true telephone: sip_operator_uri is set")
	}
	host := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	line, err := signal.Listen(signal.Config{Addr: "127.0.0.1:0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Handler: func(_ context.Context, called *signal.Call) { called.Refuse(486, "Busy Here") }})
	if err != nil {
		return calls, nil, nil, fmt.Errorf("plug telephones in: %w", err)
	}
	calls = simulate.Calls{Phone: &telephones{line, media.NewPorts(host, firstEar, lastEar), "sip:12345@" + p.settings.SIPAddr}, Callers: c.Callers, Rate: c.Rate, Think: c.Think, Seed: c.Seed}
	for n := range c.Callers {
		for _, id := range []string{calls.Number(n), hotline.Unproven + calls.Number(n)} { // as the line trusts this machine or not
			addresses = append(addresses, bot.Address{Channel: bot.Hotline, ID: id})
		}
	}
	return calls, addresses, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		line.Close(ctx)
	}, nil
}

// Dial implements simulate.Telephone.
func (t *telephones) Dial(ctx context.Context, number string) (simulate.Talk, error) {
	sound, err := media.Open(t.ports, netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	placed, answer, err := t.line.Dial(ctx, signal.Placing{
		To: t.to, From: number, Description: sound.Offer(),
		Renegotiate: func(offer []byte) ([]byte, bool) { a, err := sound.Answer(offer); return a, err == nil },
	})
	if err == nil {
		if err = sound.Agreed(answer); err != nil {
			placed.Hangup(ctx)
		}
	}
	if err != nil {
		sound.Close()
		return nil, fmt.Errorf("call: %w", err)
	}
	talk := &telephoned{call: placed, sound: sound}
	talk.last.Store(time.Now().UnixNano())
	sound.Begin(media.Ears{Heard: talk.hear, Key: func(rune) {}})
	return talk, nil
}

// telephoned is a call as its telephone has it.
type telephoned struct {
	call  *signal.Call
	sound *media.Session
	last  atomic.Int64 // when something was heard
}

// faint is the mean square below which a frame is silence: -50 dB of full scale.
const faint = 32768 * 32768 * 1e-5

func (t *telephoned) hear(frame []int16) {
	sum := 0.0
	for _, s := range frame {
		sum += float64(s) * float64(s)
	}
	if sum > faint*float64(len(frame)) {
		t.last.Store(time.Now().UnixNano())
	}
}

func (t *telephoned) Press(keys string) {
	for _, k := range keys {
		t.sound.Press(k)
	}
}

func (t *telephoned) Quiet() time.Duration { return time.Since(time.Unix(0, t.last.Load())) }

func (t *telephoned) Done() <-chan struct{} { return t.call.Done() }

func (t *telephoned) Hangup() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	t.call.Hangup(ctx)
	t.sound.Close()
}
