package main

import (
	"context"
	"errors"
	"fmt"

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

// WrapUp implements desk.Telephone.
func (p deskPhone) WrapUp(operator string) (bot.CitizenID, bool) {
	if p.line == nil {
		return "", false
	}
	return p.line.WrapUp(operator)
}

// WroteUp implements desk.Telephone.
func (p deskPhone) WroteUp(operator string) {
	if p.line != nil {
		p.line.WroteUp(operator)
	}
}
