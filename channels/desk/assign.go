package desk

import (
	"cmp"
	"context"
	"net/http"

	"guanjia/bot"
)

// assign is a supervisor giving a conversation to somebody, or back to the
// queue, whoever holds it.
func (d *Desk) assign(w http.ResponseWriter, r *http.Request, who Account) {
	id, a, ok := d.askedOf(w, r, who)
	if !ok {
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditReassign, string(id)) {
		return
	}
	lock := d.lockOf(id)
	lock.Lock()
	err := d.reassign(r.Context(), id, who.Name, a)
	lock.Unlock()
	d.told(w, r, id, who.Name, err)
}

// reassign gives a conversation that is held to its new holder, and has one
// that waits taken by them.
func (d *Desk) reassign(ctx context.Context, id bot.CitizenID, by string, a asked) error {
	to, err := d.target(ctx, id, "", a)
	if err != nil {
		return err
	}
	note := d.movedTo(a)
	conv, err := d.Records.Conversation(ctx, id)
	switch {
	case err != nil:
		return err
	case conv.Handling == bot.ByPerson:
		return d.Engine.Reassign(ctx, id, by, bot.Holder{Name: conv.Operator, Fence: conv.Fence}, to, note)
	case to.Operator == "":
		return bot.ErrNotHeld
	}
	if err := d.Engine.Take(ctx, id, to.Operator); err != nil {
		return err
	}
	return d.Engine.Note(ctx, id, by, note)
}

// movedTo says where a conversation went and what the supervisor adds: who had
// it would else only find that they no longer do.
func (d *Desk) movedTo(a asked) string {
	note := "退回排队"
	if to := cmp.Or(a.To, a.Group, d.Towns[a.Town]); to != "" {
		note = "改派给" + to
	}
	if a.Text != "" {
		note += "：" + a.Text
	}
	return note
}
