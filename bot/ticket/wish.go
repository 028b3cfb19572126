package ticket

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"guanjia/bot"
)

// WishStatus is where a wish stands on the public list.
type WishStatus string

// The states of a wish.
const (
	WishPending    WishStatus = "pending" // agreed to by the household, not public
	WishOpen       WishStatus = "open"
	WishClaimed    WishStatus = "claimed"    // all of it is claimed
	WishFulfilled  WishStatus = "fulfilled"  // all of it was delivered
	WishGovernment WishStatus = "government" // nobody claimed it in time: the town sees to it
	WishWithdrawn  WishStatus = "withdrawn"
)

// Title is the state in words.
func (s WishStatus) Title() string {
	return map[WishStatus]string{WishPending: "还没公开", WishOpen: "等待认领", WishClaimed: "已认领", WishFulfilled: "已实现", WishGovernment: "转政府办理", WishWithdrawn: "已撤下"}[s]
}

// Public says whether the public list holds a wish, or held it until somebody
// took it on: not before it is published, nor once it was taken back.
func (s WishStatus) Public() bool { return s != WishPending && s != WishWithdrawn }

// Wish is what the public claiming list (社会认领) shows of a request for help:
// nothing by which the household could be known. Its number is the ticket's.
// Until it is published (DoPublish) it is pending and nobody sees it but those
// who deal with the request.
type Wish struct {
	Number    string
	Town      string   // town id
	Category  string   // the ticket's: a Need's id
	Needs     []string // ids of all that its text names, Category's among them
	Text      string   // worded by us from category and amount
	Amount    float64
	Status    WishStatus
	ClaimedBy bot.CitizenID // who claimed first
	Claimed   float64       // yuan claimed in parts
	CreatedAt time.Time
	OpenSince time.Time // published, or given back by who had claimed it
	AskedAt   time.Time // those of the donors' pool whom it fits were asked
	Fulfilled time.Time
}

// Left is what may still be claimed, in yuan; 0 where nothing is or no amount
// is known.
func (w Wish) Left() float64 { return max(0, w.Amount-w.Claimed) }

// ClaimStatus is where a claim stands.
type ClaimStatus string

// The states of a claim.
const (
	ClaimHeld      ClaimStatus = "held"      // waits for a social worker's word
	ClaimConfirmed ClaimStatus = "confirmed" // both sides know; to be delivered
	ClaimDelivered ClaimStatus = "delivered"
	ClaimReleased  ClaimStatus = "released" // given back, or not confirmed in time
)

// Title is the state in words.
func (s ClaimStatus) Title() string {
	return map[ClaimStatus]string{ClaimHeld: "待社工确认", ClaimConfirmed: "已确认，待送达", ClaimDelivered: "已送达", ClaimReleased: "已放回"}[s]
}

// Claimant is what sort of people claim.
type Claimant string

// The claimants.
const (
	Resident  Claimant = "resident"
	Volunteer Claimant = "volunteer"
	Worker    Claimant = "social_worker"
	Firm      Claimant = "firm"
)

// Ahead is what comes next of a claim, for who made it; empty where nothing does.
func (l ClaimLimits) Ahead(s ClaimStatus) string {
	switch s {
	case ClaimHeld:
		return "社工会在 " + l.Confirm.Title() + "内打电话确认，没联系上会放回给别人认领。"
	case ClaimConfirmed:
		return "请在确认后 " + l.Deliver.Title() + "内交给社工，由社工送到。"
	}
	return ""
}

// Claim is one promise to fulfil a wish or a part of it. Who makes it and who
// it is for do not learn of each other: a social worker stands between.
type Claim struct {
	ID          int64
	Wish        string // its number
	By          bot.CitizenID
	As          Claimant
	Share       float64 // yuan; 0: the whole, or what is left
	Status      ClaimStatus
	Name        bot.Secret
	Phone       bot.Secret
	Words       bot.Secret
	At          time.Time
	ConfirmedAt time.Time
	DeliveredAt time.Time
	Key         string // idempotency
}

// Wishes is the public list.
type Wishes interface {
	// Wishes lists them, oldest first: all of them, or only those open and,
	// where a town is given, of that town.
	Wishes(ctx context.Context, q WishQuery) ([]Wish, error)
	// KeepWish keeps a wish in the words its household agreed to; the same
	// number again changes nothing.
	KeepWish(ctx context.Context, tx bot.Tx, w Wish) error
}

// WishQuery selects wishes.
type WishQuery struct {
	Town    string
	Needs   []string // that name any of these; none: all
	Open    bool
	Pending bool // only those not public yet
	Limit   int  // 0: all
}

// Offer is what somebody in the donors' pool (爱心资源库) would give.
type Offer struct {
	Citizen bot.CitizenID
	As      Claimant
	Town    string   // empty: anywhere
	Needs   []string // ids of all it would meet
	Words   bot.Secret
	Name    bot.Secret
	Phone   bot.Secret
	At      time.Time
	AskedAt time.Time // last asked about a wish
	Key     string
}

// Claimable says whether a request for help may stand on the public list.
func Claimable(t Ticket, l Limits) bool {
	return t.Kind == Help && NeedByID(t.Category).Open && !t.Confidential && !t.Anonymous && t.Amount <= l.Bands.Joint && t.Urgency == Normal && t.Town != ""
}

// mostThings is how many things a wish names: more would begin to be a
// household's portrait.
const mostThings = 4

// WishText words a wish for the public list from the things of its needs and
// the amount alone, never from what the citizen said. The first need leads.
func WishText(town string, needs []Need, story string, amount float64) string {
	var things []string
	for _, n := range needs {
		things = append(things, n.Things(story)...)
	}
	more := ""
	if len(things) > mostThings {
		things, more = things[:mostThings], "等"
	}
	text := town + "一户家庭需要" + strings.Join(things, "、") + more
	if amount > 0 {
		text += fmt.Sprintf("，约 %.0f 元", amount)
	}
	return text
}

// MayClaim judges a claim against the wish, the claims it has and those the
// claimant holds elsewhere. A nil Refusal: it may. The share comes back as it
// counts.
func MayClaim(w Wish, of bot.CitizenID, c Claim, held int, l Limits) (float64, *Refusal) {
	switch {
	case of == c.By:
		return 0, refused("这是您自己登记的心愿。", "own wish")
	case w.Status == WishPending:
		return 0, refused("这个心愿还没有公开认领。", "wish is not public")
	case w.Status != WishOpen:
		return 0, refused("这个心愿刚被别人认领了，谢谢您。", "wish is %s", w.Status)
	case held >= l.Claim.Most:
		return 0, refused(fmt.Sprintf("您手上已有 %d 个待送达的心愿，送到了再认领下一个。", held), "holds %d claims", held)
	case c.Share < 0 || c.Share > 0 && w.Amount == 0 || math.IsNaN(c.Share) || math.IsInf(c.Share, 0):
		return 0, refused("这个心愿只能整个认领。", "no part of it can be claimed")
	case c.Share > w.Left():
		return 0, refused("这个心愿还差 "+yuan(w.Left())+" 元，出这么多就够了。", "more than is left")
	case c.Share == 0:
		return w.Left(), nil
	}
	return c.Share, nil
}

// Settle is a wish as its claims leave it: claimed when all of it is, fulfilled
// when all of that was delivered, open again where a part came back.
func Settle(w Wish, claims []Claim, now time.Time) Wish {
	if w.Status == WishWithdrawn {
		return w
	}
	was := w.Status
	w.Claimed = 0
	whole, delivered, active := false, true, 0
	w.ClaimedBy = ""
	for _, c := range claims {
		if c.Status == ClaimReleased {
			continue
		}
		if w.ClaimedBy == "" {
			w.ClaimedBy = c.By
		}
		active++
		w.Claimed += c.Share
		whole = whole || w.Amount == 0
		delivered = delivered && c.Status == ClaimDelivered
	}
	full := whole || w.Amount > 0 && w.Claimed >= w.Amount
	switch {
	case full && delivered && active > 0:
		w.Status, w.Fulfilled = WishFulfilled, now
	case full:
		w.Status = WishClaimed
	case was == WishGovernment:
	default:
		w.Status = WishOpen
		if was == WishClaimed {
			w.OpenSince = now
		}
	}
	return w
}

// Numbers are what the programme has come to.
type Numbers struct {
	Help, Answered                   int // requests for help, and those closed
	Wishes, Open, Claimed, Fulfilled int
	Government                       int
	Pledged, Paid                    float64 // yuan promised by claimants, paid from funds
	Donors                           int
	Towns                            map[string]TownNumbers
}

// TownNumbers are the numbers of one town.
type TownNumbers struct{ Wishes, Open, Fulfilled int }

// Sum adds the wishes up.
func (n *Numbers) Sum(wishes []Wish) {
	n.Towns = map[string]TownNumbers{}
	for _, w := range wishes {
		if !w.Status.Public() {
			continue // nobody's business
		}
		town := n.Towns[w.Town]
		n.Wishes++
		town.Wishes++
		n.Pledged += w.Claimed
		switch w.Status {
		case WishOpen:
			n.Open++
			town.Open++
		case WishClaimed:
			n.Claimed++
		case WishFulfilled:
			n.Fulfilled++
			town.Fulfilled++
		case WishGovernment:
			n.Government++
		}
		n.Towns[w.Town] = town
	}
}
