package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"guanjia/bot"
)

// ClaimBooks are where the Claiming reads and writes.
type ClaimBooks interface {
	Books
	WordBooks
	// OpenWish reads a wish with its claims inside a commit; ErrNoTicket if
	// there is none.
	OpenWish(ctx context.Context, tx bot.Tx, number string) (Wish, []Claim, error)
	SaveWish(ctx context.Context, tx bot.Tx, w Wish) error
	// EnterClaim stores a new claim and numbers it; the same Key of the same
	// citizen gives the first again, and repeat is set.
	EnterClaim(ctx context.Context, tx bot.Tx, c Claim) (claim Claim, repeat bool, err error)
	SaveClaim(ctx context.Context, tx bot.Tx, c Claim) error
	// HeldClaims counts the claims a citizen has not delivered.
	HeldClaims(ctx context.Context, tx bot.Tx, by bot.CitizenID) (int, error)
	// ClaimsHeldBefore are claims nobody confirmed that were made before;
	// WishesOpenBefore wishes nobody claimed.
	ClaimsHeldBefore(ctx context.Context, before time.Time) ([]Claim, error)
	WishesOpenBefore(ctx context.Context, before time.Time) ([]Wish, error)
	// Donors are the offers in the pool that fit a town and any of some needs,
	// every need where none is named: those of the town first, and who was asked
	// longest ago.
	Donors(ctx context.Context, needs []string, town string, limit int) ([]Offer, error)
	// AskedDonor notes that whoever made an offer was asked.
	AskedDonor(ctx context.Context, tx bot.Tx, o Offer, at time.Time) error
	Record(ctx context.Context, tx bot.Tx, number string, s Step) error
}

// Claiming is social claiming (社会认领): wishes are claimed whole or in part,
// confirmed and delivered through social workers, given back or passed to the
// government by the clock.
type Claiming struct {
	Books ClaimBooks
	Style bot.Styler
}

// Claim takes a wish or a part of it inside a commit. A *Refusal says why not.
func (o *Claiming) Claim(ctx context.Context, tx bot.Tx, c Claim) (Wish, error) {
	w, claims, err := o.Books.OpenWish(ctx, tx, c.Wish)
	if err != nil {
		return w, err
	}
	for _, old := range claims {
		if old.By == c.By && (old.Status == ClaimHeld || old.Status == ClaimConfirmed) {
			return w, nil // the same citizen again
		}
	}
	t, err := o.Books.Open(ctx, tx, c.Wish)
	if err != nil {
		return w, err
	}
	held, err := o.Books.HeldClaims(ctx, tx, c.By)
	if err != nil {
		return w, err
	}
	share, no := MayClaim(w, t.Citizen, c, held, o.Books.TicketRules().Limits)
	if no != nil {
		return w, no
	}
	c.Share, c.Status = share, ClaimHeld
	c, repeat, err := o.Books.EnterClaim(ctx, tx, c)
	if err != nil || repeat {
		return w, err
	}
	w = Settle(w, append(claims, c), c.At)
	if err := o.Books.SaveWish(ctx, tx, w); err != nil {
		return w, err
	}
	return w, o.record(ctx, tx, t, c.At, string(RoleCitizen), "有人认领"+part(w, c))
}

func part(w Wish, c Claim) string {
	if w.Amount > 0 && c.Share < w.Amount {
		return "一部分，" + yuan(c.Share) + " 元"
	}
	return "整个心愿"
}

func (o *Claiming) record(ctx context.Context, tx bot.Tx, t Ticket, at time.Time, by, note string) error {
	return o.Books.Record(ctx, tx, t.Number, Step{At: at, Status: t.Status, By: by, Action: DoClaim, Holder: t.Life.Holder, Note: bot.Secret(note)})
}

// MaySettle says whether an actor confirms and delivers claims of a town: its
// social workers, its public service office and the centre do.
func (a Actor) MaySettle(town string) bool {
	switch a.Role {
	case RoleCentre:
		return true
	case RoleSocial, RoleTown:
		return a.Worker() && a.Body.Town == town
	}
	return false
}

// Confirm is a social worker's word that a claim holds.
func (o *Claiming) Confirm(ctx context.Context, number string, claim int64, by Actor, at time.Time) error {
	return o.settle(ctx, number, claim, by, at, func(tx bot.Tx, w Wish, t Ticket, c *Claim) error {
		if c.Status != ClaimHeld {
			return refused("这一条已经"+c.Status.Title()+"。", "claim is %s", c.Status)
		}
		c.Status, c.ConfirmedAt = ClaimConfirmed, at
		if err := o.record(ctx, tx, t, at, by.Name, "认领已确认："+part(w, *c)); err != nil {
			return err
		}
		days := o.Books.TicketRules().Limits.Claim.Deliver.Title()
		if err := o.tell(ctx, tx, c.By, fmt.Sprintf("claim:%d:confirmed", c.ID), at, Telling{
			Zh: "您认领的心愿（" + w.Text + "，编号 " + w.Number + "）社工确认好了，请在 " + days + "内交给社工，由社工送到。双方信息都保密。",
			En: "Your claim of wish " + w.Number + " is confirmed. Please hand it to the social worker within " + days + "."}); err != nil {
			return err
		}
		return o.tell(ctx, tx, t.Citizen, fmt.Sprintf("claim:%d:found", c.ID), at, Telling{
			Zh: "您的心愿 " + w.Number + " 有热心人认领了" + part(w, *c) + "，社工会送到您手上。",
			En: "Somebody has taken on your wish " + w.Number + "; a social worker will bring it."})
	})
}

// Deliver is a social worker's word that what was promised has arrived, with a
// note of the visit; thanks are passed on in the household's stead.
func (o *Claiming) Deliver(ctx context.Context, number string, claim int64, by Actor, note, thanks bot.Secret, at time.Time) error {
	return o.settle(ctx, number, claim, by, at, func(tx bot.Tx, w Wish, t Ticket, c *Claim) error {
		switch {
		case c.Status != ClaimConfirmed:
			return refused("确认过的认领才能登记送达。", "claim is %s", c.Status)
		case note == "":
			return refused("请写明送了什么、交给了谁（不写姓名）。", "no note")
		}
		c.Status, c.DeliveredAt = ClaimDelivered, at
		if err := o.record(ctx, tx, t, at, by.Name, "送达："+note.Reveal()); err != nil {
			return err
		}
		said := "谢谢您的好意。"
		if thanks != "" {
			said = "他们托社工说：“" + thanks.Reveal() + "”"
		}
		if err := o.tell(ctx, tx, c.By, fmt.Sprintf("claim:%d:thanks", c.ID), at, Telling{
			Zh: "您认领的心愿（编号 " + w.Number + "）送到了。" + said, En: "What you gave for wish " + w.Number + " has arrived. " + said}); err != nil {
			return err
		}
		return o.tell(ctx, tx, t.Citizen, fmt.Sprintf("claim:%d:arrived", c.ID), at, Telling{
			Zh:      "您的心愿 " + w.Number + " 送到了。想对帮您的人说句谢谢，点下面或发“道谢 " + w.Number + "”，社工看过转达，不留姓名。",
			En:      "Your wish " + w.Number + " has arrived. To say thanks, write \"thanks " + w.Number + "\"; a social worker passes it on without names.",
			Options: []string{"道谢 " + w.Number}})
	})
}

// Release gives a claim back: a worker, or the clock.
func (o *Claiming) Release(ctx context.Context, number string, claim int64, by Actor, why string, at time.Time) error {
	return o.settle(ctx, number, claim, by, at, func(tx bot.Tx, w Wish, t Ticket, c *Claim) error {
		if err := o.released(ctx, tx, t, c, by, why, at); err != nil {
			return err
		}
		return o.tell(ctx, tx, c.By, fmt.Sprintf("claim:%d:released", c.ID), at, Telling{
			Zh: "您认领的心愿（编号 " + w.Number + "）" + why + "，先放回给别人认领。想再认领，随时告诉我。",
			En: "Your claim of wish " + w.Number + " has lapsed; others may claim it now. Tell me if you would like it again."})
	})
}

// GiveBack is the claimant's own word, inside a commit, that they cannot do it
// after all.
func (o *Claiming) GiveBack(ctx context.Context, tx bot.Tx, number string, by bot.CitizenID, at time.Time) error {
	w, claims, err := o.Books.OpenWish(ctx, tx, number)
	if err != nil {
		return err
	}
	for i, c := range claims {
		if c.By == by && (c.Status == ClaimHeld || c.Status == ClaimConfirmed) {
			return o.change(ctx, tx, w, claims, i, at, func(t Ticket, c *Claim) error {
				return o.released(ctx, tx, t, c, Actor{Role: RoleCitizen}, "认领人帮不了了", at)
			})
		}
	}
	return refused("这个心愿不在您手上，不用放回。", "no claim of theirs binds")
}

func (o *Claiming) released(ctx context.Context, tx bot.Tx, t Ticket, c *Claim, by Actor, why string, at time.Time) error {
	if c.Status != ClaimHeld && c.Status != ClaimConfirmed {
		return refused("这一条已经"+c.Status.Title()+"。", "claim is %s", c.Status)
	}
	c.Status = ClaimReleased
	return o.record(ctx, tx, t, at, by.signature(), "认领放回："+why)
}

// settle changes one claim, and the wish with it, in a commit of its own.
func (o *Claiming) settle(ctx context.Context, number string, claim int64, by Actor, at time.Time, do func(bot.Tx, Wish, Ticket, *Claim) error) error {
	return o.Books.Commit(ctx, func(tx bot.Tx) error {
		w, claims, err := o.Books.OpenWish(ctx, tx, number)
		if err != nil {
			return err
		}
		if by.Role != RoleBot && !by.MaySettle(w.Town) {
			return refused("认领由当地社工确认和转交。", "%s does not settle claims in %s", by.Role, w.Town)
		}
		i := slices.IndexFunc(claims, func(c Claim) bool { return c.ID == claim })
		if i < 0 {
			return refused("没有这一条认领。", "no such claim")
		}
		return o.change(ctx, tx, w, claims, i, at, func(t Ticket, c *Claim) error { return do(tx, w, t, c) })
	})
}

// change does something to one of a wish's claims and settles the wish.
func (o *Claiming) change(ctx context.Context, tx bot.Tx, w Wish, claims []Claim, i int, at time.Time, do func(Ticket, *Claim) error) error {
	t, err := o.Books.Open(ctx, tx, w.Number)
	if err != nil {
		return err
	}
	if err := do(t, &claims[i]); err != nil {
		return err
	}
	if err := o.Books.SaveClaim(ctx, tx, claims[i]); err != nil {
		return err
	}
	settled := Settle(w, claims, at)
	if err := o.Books.SaveWish(ctx, tx, settled); err != nil {
		return err
	}
	if settled.Status == WishFulfilled && w.Status != WishFulfilled {
		return o.conclude(ctx, tx, t, Met, "认领的都送到了", at)
	}
	return nil
}

func (o *Claiming) tell(ctx context.Context, tx bot.Tx, to bot.CitizenID, key string, at time.Time, say Telling) error {
	address, language, ok, err := o.Books.WhereHeard(ctx, to)
	if err != nil || !ok {
		return err
	}
	r := say.For(language)
	if o.Style != nil {
		r = o.Style(language, r)
	}
	return bot.Tell(tx, at, bot.Outgoing{Citizen: to, To: address, Reply: r, Key: key, Topic: key})
}

// Watch gives back claims nobody confirmed in time, asks the donors' pool for
// wishes nobody claims, and in the end passes those to the government. Doing
// it twice changes nothing.
func (o *Claiming) Watch(ctx context.Context, now time.Time) error {
	r := o.Books.TicketRules()
	var faults []error
	stale, err := o.Books.ClaimsHeldBefore(ctx, before(now, r.Limits.Claim.Confirm))
	if err != nil {
		return fmt.Errorf("list claims not confirmed: %w", err)
	}
	for _, c := range stale {
		err := o.Release(ctx, c.Wish, c.ID, Actor{Role: RoleBot}, r.Limits.Claim.Confirm.Title()+"内没有确认", now)
		var no *Refusal
		if err != nil && !errors.As(err, &no) { // a Refusal: somebody was quicker
			faults = append(faults, fmt.Errorf("give back claim %d: %w", c.ID, err))
		}
	}
	waiting, err := o.Books.WishesOpenBefore(ctx, later(before(now, r.Limits.Claim.Wait), before(now, r.Limits.Claim.Ask)))
	if err != nil {
		return errors.Join(append(faults, fmt.Errorf("list wishes not claimed: %w", err))...)
	}
	for _, w := range waiting {
		var err error
		switch {
		case !w.OpenSince.After(before(now, r.Limits.Claim.Wait)):
			err = o.toGovernment(ctx, w.Number, now, r)
		case w.toAsk(now, r):
			err = o.askPool(ctx, w, now, r)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("see to wish %s nobody claims: %w", w.Number, err))
		}
	}
	return errors.Join(faults...)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// mostAsked is how many donors are asked about one wish.
const mostAsked = 3

// rest is how long somebody in the pool is left alone after being asked.
const rest = 24 * time.Hour

// askPool tells those in the donors' pool whom a wish fits that it waits, once.
// They learn of it what the public list says.
func (o *Claiming) askPool(ctx context.Context, waiting Wish, now time.Time, r Rules) error {
	offers, err := o.Books.Donors(ctx, waiting.Needs, waiting.Town, 4*mostAsked)
	if err != nil {
		return fmt.Errorf("look through the pool: %w", err)
	}
	return o.Books.Commit(ctx, func(tx bot.Tx) error {
		w, _, err := o.Books.OpenWish(ctx, tx, waiting.Number)
		if err != nil || !w.toAsk(now, r) {
			return err
		}
		t, err := o.Books.Open(ctx, tx, w.Number)
		if err != nil {
			return err
		}
		asked := map[bot.CitizenID]bool{t.Citizen: true} // nobody is asked for their own
		for _, offer := range offers {
			if len(asked) > mostAsked {
				break
			}
			if asked[offer.Citizen] || offer.AskedAt.After(now.Add(-rest)) {
				continue
			}
			asked[offer.Citizen] = true
			if err := o.ask(ctx, tx, w, offer, now); err != nil {
				return err
			}
		}
		w.AskedAt = now
		if err := o.Books.SaveWish(ctx, tx, w); err != nil || len(asked) == 1 {
			return err
		}
		return o.record(ctx, tx, t, now, string(RoleBot), fmt.Sprintf("没人认领，问了爱心资源库里的 %d 位", len(asked)-1))
	})
}

// toAsk says whether it is time to ask the donors' pool about a wish.
func (w Wish) toAsk(now time.Time, r Rules) bool {
	return w.Status == WishOpen && w.AskedAt.Before(w.OpenSince) && !w.OpenSince.After(before(now, r.Limits.Claim.Ask))
}

func (o *Claiming) ask(ctx context.Context, tx bot.Tx, w Wish, offer Offer, now time.Time) error {
	err := o.tell(ctx, tx, offer.Citizen, fmt.Sprintf("pool:%s:%d:%s", w.Number, w.OpenSince.Unix(), offer.Citizen), now, Telling{
		Zh:      "您登记过愿意帮忙，谢谢您。现在" + w.Text + "（编号 " + w.Number + "），正合适。方便的话回“认领 " + w.Number + "”，不方便不用回。",
		En:      "You offered to help, thank you. Wish " + w.Number + " fits what you offered. Say \"claim " + w.Number + "\" to take it on, or ignore this.",
		Options: []string{"认领 " + w.Number},
	})
	if err != nil {
		return fmt.Errorf("ask a donor: %w", err)
	}
	return o.Books.AskedDonor(ctx, tx, offer, now)
}

// toGovernment takes a wish nobody claimed off the list; what was claimed of
// it in part stays.
func (o *Claiming) toGovernment(ctx context.Context, number string, now time.Time, r Rules) error {
	return o.Books.Commit(ctx, func(tx bot.Tx) error {
		w, _, err := o.Books.OpenWish(ctx, tx, number)
		if err != nil || w.Status != WishOpen || w.OpenSince.After(before(now, r.Limits.Claim.Wait)) {
			return err
		}
		t, err := o.Books.Open(ctx, tx, number)
		if err != nil {
			return err
		}
		w.Status = WishGovernment
		if t.Final() || t.Status == Closed {
			w.Status = WishWithdrawn
		}
		if err := o.Books.SaveWish(ctx, tx, w); err != nil {
			return err
		}
		return o.conclude(ctx, tx, t, Unmet, r.Limits.Claim.Wait.Title()+"无人认领，由政府兜底", now)
	})
}

// conclude tells the life of a request what claiming came to; where that is
// over already, it is only recorded.
func (o *Claiming) conclude(ctx context.Context, tx bot.Tx, t Ticket, f Finding, note string, at time.Time) error {
	c := Command{Action: DoMatch, By: Actor{Role: RoleBot}, At: at, Way: WayClaim, Finding: f, Words: bot.Secret(note)}
	outcome, err := Decide(t, c, o.Books.TicketRules())
	var no *Refusal
	if errors.As(err, &no) {
		return o.record(ctx, tx, t, at, string(RoleBot), note)
	}
	if err != nil {
		return err
	}
	return o.Books.Enter(ctx, tx, c, outcome)
}
