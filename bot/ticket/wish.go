package ticket

import (
	"context"
	"errors"
	"time"

	"guanjia/bot"
)

// WishStatus is where a wish stands on the public list.
type WishStatus string

// The states of a wish.
const (
	WishOpen    WishStatus = "open"
	WishClaimed WishStatus = "claimed"
)

// Wish is what the public claiming list (社会认领) shows of a request for help:
// nothing by which the household could be known. Its number is the ticket's.
type Wish struct {
	Number    string
	Town      string // town id
	Category  string // the ticket's
	Text      string // worded by us from category and amount
	Amount    float64
	Status    WishStatus
	ClaimedBy bot.CitizenID
	CreatedAt time.Time
}

// ErrClaimed is returned when a wish was claimed by somebody else before.
var ErrClaimed = errors.New("wish is already claimed")

// Wishes is the public list.
type Wishes interface {
	// Wishes lists them, oldest first: all of them, or only those open and,
	// where a town is given, of that town.
	Wishes(ctx context.Context, q WishQuery) ([]Wish, error)
	// PublishWish puts a wish on the list; the same number again changes nothing.
	PublishWish(ctx context.Context, tx bot.Tx, w Wish) error
	// ClaimWish gives an open wish to a citizen and records it in the ticket's
	// life; ErrClaimed when another was faster, ErrNoTicket when there is none.
	ClaimWish(ctx context.Context, tx bot.Tx, number string, by bot.CitizenID, at time.Time) (Wish, error)
}

// WishQuery selects wishes.
type WishQuery struct {
	Town  string
	Open  bool
	Limit int // 0: all
}
