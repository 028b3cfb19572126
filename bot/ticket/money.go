package ticket

import (
	"slices"
	"strconv"
)

// Band is what an amount demands in 民生大莞家.
type Band string

// The bands.
const (
	BandUnknown Band = ""
	BandDirect  Band = "direct" // straight to the village
	BandVerify  Band = "verify" // the town verifies the need
	BandJoint   Band = "joint"  // a joint meeting decides
	BandMet     Band = "met"    // and has
)

// BandOf is the band an amount in yuan falls into; 0 is unknown.
func BandOf(amount float64, b Bands) Band {
	switch {
	case amount <= 0:
		return BandUnknown
	case amount <= b.Direct:
		return BandDirect
	case amount <= b.Joint:
		return BandVerify
	}
	return BandJoint
}

func verified(t *Ticket, c Command, r Rules) {
	t.Life.Verified = c.At
	if c.Amount > 0 {
		t.Amount = c.Amount
	}
	if t.Life.Band != BandMet {
		t.Life.Band = BandOf(t.Amount, r.Limits.Bands)
	}
}

func mayMeet(t Ticket, _ Command, r Rules) *Refusal {
	if t.Kind != Help || BandOf(t.Amount, r.Limits.Bands) != BandJoint {
		return refused("金额没有超过 "+yuan(r.Limits.Bands.Joint)+" 元，不用联席会议。", "no joint meeting is needed")
	}
	return nil
}

// mayPay: in its turn, what was verified, decided where it must be, and not
// more than is needed.
func mayPay(t Ticket, c Command, r Rules) *Refusal {
	band := BandOf(t.Amount, r.Limits.Bands)
	if t.Kind == Help && slices.Contains(r.Limits.Match.OrderFor(t), WayFund) {
		if no := inTurn(t, WayFund, r.Limits.Match); no != nil {
			return no
		}
	}
	switch {
	case t.Kind != Help:
		return refused("资金只用于民生大莞家。", "not a request for help")
	case c.Amount <= 0:
		return refused("请写金额。", "no amount")
	case band != BandDirect && t.Life.Verified.IsZero():
		return refused("超过 "+yuan(r.Limits.Bands.Direct)+" 元要先核查再拨付。", "not verified")
	case band == BandJoint && t.Life.Band != BandMet:
		return refused("超过 "+yuan(r.Limits.Bands.Joint)+" 元要先开联席会议。", "no joint meeting")
	case t.Amount > 0 && t.Life.Paid+c.Amount > t.Amount:
		return refused("拨付合计超过核定的 "+yuan(t.Amount)+" 元。", "more than the need")
	}
	return nil
}

func yuan(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
