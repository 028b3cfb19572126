package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/routing"
	"guanjia/bot/store"
	"guanjia/channels/desk"
	"guanjia/channels/hotline"
)

// extensions are the operators' telephones, as their supervisors wrote them
// down.
type extensions struct {
	store *store.Store
	clock bot.Clock
}

// Extension implements hotline.People.
func (e extensions) Extension(ctx context.Context, operator string) (string, error) {
	o, err := e.find(ctx, func(o routing.Operator) bool { return o.Name == operator })
	return o.Telephone, err
}

// Answers implements hotline.People.
func (e extensions) Answers(ctx context.Context, extension string) (string, error) {
	o, err := e.find(ctx, func(o routing.Operator) bool { return extension != "" && o.Telephone == extension })
	return o.Name, err
}

func (e extensions) find(ctx context.Context, is func(routing.Operator) bool) (routing.Operator, error) {
	all, err := e.store.Operators(ctx, e.clock())
	if err != nil {
		return routing.Operator{}, fmt.Errorf("find a telephone: %w", err)
	}
	for _, o := range all {
		if is(o) {
			return o, nil
		}
	}
	return routing.Operator{}, nil
}

// deskPhone is the line as the desk knows it. The line opens after the desk, or
// not at all.
type deskPhone struct{ *service }

// asDesk is why a call could not be acted on, in the desk's words.
func asDesk(err error) error {
	for ours, theirs := range map[error]error{
		hotline.ErrOver: desk.ErrCallOver, hotline.ErrEngaged: desk.ErrCallEngaged, hotline.ErrNotTheirs: desk.ErrCallNotTheirs,
		hotline.ErrNoTelephone: desk.ErrNoTelephone, hotline.ErrWrapUp: desk.ErrCallWrapUp,
		hotline.ErrCrowded: desk.ErrCallCrowded, hotline.ErrUntold: desk.ErrCallUntold,
	} {
		if errors.Is(err, ours) {
			return theirs
		}
	}
	return err
}

// Answer implements desk.Telephone.
func (p deskPhone) Answer(ctx context.Context, citizen bot.CitizenID, operator string) error {
	if p.line == nil {
		return desk.ErrCallOver
	}
	return asDesk(p.line.Answer(ctx, citizen, operator))
}

// Hold implements desk.Telephone.
func (p deskPhone) Hold(citizen bot.CitizenID, operator string, on bool) error {
	if p.line == nil {
		return desk.ErrCallOver
	}
	return asDesk(p.line.Hold(citizen, operator, on))
}

// PassOn implements desk.Telephone.
func (p deskPhone) PassOn(ctx context.Context, citizen bot.CitizenID, operator, colleague string) error {
	if p.line == nil {
		return desk.ErrCallOver
	}
	return asDesk(p.line.PassOn(ctx, citizen, operator, colleague))
}

// Release implements desk.Telephone.
func (p deskPhone) Release(citizen bot.CitizenID, operator string) error {
	if p.line == nil {
		return desk.ErrCallOver
	}
	return asDesk(p.line.Release(citizen, operator))
}

// Listen has somebody listen to a call.
func (p deskPhone) Listen(citizen bot.CitizenID) (desk.Listening, error) {
	if p.line == nil {
		return desk.Listening{}, desk.ErrCallOver
	}
	heard, err := p.line.Listen(citizen)
	return desk.Listening(heard), asDesk(err)
}

// WrapUp implements desk.Telephone.
func (p deskPhone) WrapUp(ctx context.Context, operator string) (bot.CitizenID, bool, error) {
	owed, err := p.house.store.WrapUps(ctx, operator)
	if err != nil || len(owed) == 0 {
		return "", false, err
	}
	return owed[0].Citizen, true, nil
}

// WroteUp implements desk.Telephone.
func (p deskPhone) WroteUp(ctx context.Context, operator string, citizen bot.CitizenID) error {
	return p.house.store.WriteUp(ctx, operator, citizen)
}

// register keeps the calls that go on in the records.
type register struct {
	store *store.Store
	clock bot.Clock
}

// Goes implements hotline.Calls.
func (r register) Goes(ctx context.Context, call string, citizen bot.CitizenID, operator string) error {
	return r.store.SaveCall(ctx, store.Call{ID: call, Citizen: citizen, Operator: operator, Began: r.clock()})
}

// Left implements hotline.Calls.
func (r register) Left(ctx context.Context, call string, citizen bot.CitizenID, operator string) error {
	return r.store.LeaveCall(ctx, store.Call{ID: call, Citizen: citizen, Operator: operator}, r.clock())
}

// Over implements hotline.Calls.
func (r register) Over(ctx context.Context, call string) error { return r.store.DropCall(ctx, call) }

// Cut implements hotline.Calls.
func (r register) Cut(ctx context.Context) ([]hotline.Cut, error) {
	calls, err := r.store.Calls(ctx)
	if err != nil {
		return nil, err
	}
	var out []hotline.Cut
	for _, c := range calls {
		from, _, err := r.store.AddressOf(ctx, c.Citizen, bot.Hotline)
		if err != nil && !errors.Is(err, store.ErrNoCitizen) {
			return nil, err
		}
		out = append(out, hotline.Cut{Call: c.ID, Citizen: c.Citizen, From: from, Operator: c.Operator})
	}
	return out, nil
}

// Owes implements hotline.Calls.
func (r register) Owes(ctx context.Context, operator string) (time.Time, bool, error) {
	owed, err := r.store.WrapUps(ctx, operator)
	if err != nil || len(owed) == 0 {
		return time.Time{}, false, err
	}
	return owed[0].Since, true, nil
}
