package wechat

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
)

// Outbound are the platform's calls that the edge makes; *platform.API is it.
// Their errors wrap bot.ErrUnknownOutcome, bot.ErrHold or bot.ErrPermanent
// where they are that.
type Outbound interface {
	SendText(ctx context.Context, openID, text string) error
	SendMenu(ctx context.Context, openID, head string, choices []platform.Choice, tail string) error
	Typing(ctx context.Context, openID string) error
	SendImage(ctx context.Context, openID string, data []byte) error
	Media(ctx context.Context, mediaID string) (data []byte, mediaType string, err error)
}

// Codes of the platform that mean something to a sender.
const (
	codeNoPermission = 48001 // an account that is not verified
	codeNoMenu       = 40200 // message type not available, as on test accounts
)

// Send delivers one reply as customer-service messages; the outbox calls it.
// It wraps bot.ErrHold when the citizen's quota is used up: the reply then
// leaves with the answer to the next message.
func (e *Edge) Send(ctx context.Context, out bot.Outgoing) error {
	if e.api == nil || e.silent.Load() {
		return fmt.Errorf("send to wechat: the account cannot write first: %w", bot.ErrHold)
	}
	openID := out.To.ID
	if out.Reply.Picture != "" {
		return e.sendPicture(ctx, out)
	}
	begun := e.progress.get(out.ID)
	shape := e.shape(out.Reply, begun == 0 && e.tappable(openID))
	first := min(begun, len(shape)-1)
	if shape = shape[first:]; shape[0].text == "" {
		return nil
	}
	if !e.ledger.spend(openID, len(shape), reserve(out), e.clock()) {
		return fmt.Errorf("send to wechat: quota is used up: %w", bot.ErrHold)
	}
	for i, p := range shape {
		if err := e.part(ctx, openID, p); err != nil {
			e.progress.set(out.ID, first+i)
			return e.refused(openID, len(shape)-i, err)
		}
	}
	e.count("sent")
	e.progress.drop(out.ID)
	e.pushed.add(out.ID)
	return nil
}

// sendPicture delivers a picture as a message of its own.
func (e *Edge) sendPicture(ctx context.Context, out bot.Outgoing) error {
	if e.pictures == nil {
		return fmt.Errorf("send to wechat: pictures are kept nowhere: %w", bot.ErrPermanent)
	}
	a, owner, err := e.pictures(ctx, out.Reply.Picture)
	if err != nil {
		return fmt.Errorf("load picture: %w", err)
	}
	if owner != out.Citizen {
		return fmt.Errorf("send to wechat: the picture is another citizen's: %w", bot.ErrPermanent)
	}
	if !e.ledger.spend(out.To.ID, 1, reserve(out), e.clock()) {
		return fmt.Errorf("send to wechat: quota is used up: %w", bot.ErrHold)
	}
	if err := e.api.SendImage(ctx, out.To.ID, a.Bytes); err != nil {
		return e.refused(out.To.ID, 1, err)
	}
	e.count("sent")
	e.pushed.add(out.ID)
	return nil
}

// reserve is how many messages of the long window a reply leaves untouched:
// the last is for results and for people, not for small talk.
func reserve(out bot.Outgoing) int {
	if out.Proactive || out.Reply.Urgent || out.From != "" && out.From != "bot" {
		return 0
	}
	return 1
}

// mayPush says whether an answer that takes long can follow by itself.
func (e *Edge) mayPush(openID string) bool {
	if e.api == nil || e.silent.Load() {
		return false
	}
	left, known := e.ledger.Left(openID, e.clock())
	return !known || left > 1
}

// tappable says whether options may be sent to be tapped: a tap does not
// renew the quota as a written answer does, so it must not run low.
func (e *Edge) tappable(openID string) bool {
	left, known := e.ledger.Left(openID, e.clock())
	return !e.noMenu.Load() && (!known || left > 2)
}

// part sends one message.
func (e *Edge) part(ctx context.Context, openID string, p part) error {
	if len(p.choices) == 0 {
		return e.api.SendText(ctx, openID, p.text)
	}
	err := e.api.SendMenu(ctx, openID, p.text, p.choices, p.tail)
	var told *platform.Error
	if errors.As(err, &told) && told.Code == codeNoMenu {
		e.noMenu.Store(true)
		return e.api.SendText(ctx, openID, p.plain)
	}
	return err
}

// refused keeps the ledger true after a call that failed with n messages to
// go, and says what is to become of the reply.
func (e *Edge) refused(openID string, n int, err error) error {
	var told *platform.Error
	switch {
	case errors.As(err, &told) && told.Code == codeNoPermission:
		// Such an account can only answer: the words must not be buried.
		e.silent.Store(true)
		e.ledger.refund(openID, n)
		e.count("no_permission")
		return fmt.Errorf("send to wechat: %w: %w", errors.New(told.Error()), bot.ErrHold)
	case errors.Is(err, bot.ErrHold):
		e.ledger.close(openID)
		e.count("held")
	case errors.Is(err, bot.ErrUnknownOutcome):
		e.ledger.refund(openID, n-1)
		e.count("unknown_outcome")
	default:
		e.ledger.refund(openID, n)
		e.count("send_failed")
	}
	return fmt.Errorf("send to wechat: %w", err)
}

// mostProgress bounds how many half-sent replies are remembered.
const mostProgress = 4096

// progress is how many parts of a long reply have left. It may be lost: the
// reply is then sent again from its beginning.
type progress struct {
	mu    sync.Mutex
	parts map[bot.OutgoingID]int
}

func (p *progress) get(id bot.OutgoingID) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parts[id]
}

func (p *progress) set(id bot.OutgoingID, n int) {
	if id == 0 || n == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parts == nil {
		p.parts = map[bot.OutgoingID]int{}
	}
	for old := range p.parts {
		if len(p.parts) < mostProgress {
			break
		}
		delete(p.parts, old)
	}
	p.parts[id] = n
}

func (p *progress) drop(ids ...bot.OutgoingID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		delete(p.parts, id)
	}
}

// pushed are replies that left as customer-service messages: a retry of the
// message they answer need not say them again. It may be lost.
type pushed struct {
	mu       sync.Mutex
	now, old map[bot.OutgoingID]bool
}

func (p *pushed) add(id bot.OutgoingID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.now) >= mostProgress || p.now == nil {
		p.old, p.now = p.now, map[bot.OutgoingID]bool{}
	}
	p.now[id] = true
}

func (p *pushed) has(id bot.OutgoingID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now[id] || p.old[id]
}
