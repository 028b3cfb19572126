package ticket

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Rules are what commands are judged by.
type Rules struct {
	Limits Limits
	Clock  Clock
	Names  Names
}

// law is what holds of one action: in which states it may be done, where it
// leads, who may do it and whether words are needed.
type law struct {
	from   []Status
	to     Status // empty: it stays where it is
	who    []Role
	holder bool // the worker the ticket lies with may
	settle bool // so may whoever settles claims in its town
	words  bool
	check  func(t Ticket, c Command, r Rules) *Refusal
	apply  func(t *Ticket, c Command, r Rules)
}

// open are the states in which somebody still has to answer.
var open = []Status{Accepted, Dispatched, Signed, Returned, Processing, ExtensionRequested, Replied, Reopened}

// working are the states in which a body deals with the ticket.
var working = []Status{Signed, Processing, ExtensionRequested}

// laws are the life cycle.
func laws() map[Action]law {
	centre, citizen := []Role{RoleCentre}, []Role{RoleCitizen, RoleCentre}
	return map[Action]law{
		DoReject:   {from: []Status{Accepted, Returned}, to: Rejected, who: centre, words: true},
		DoDispatch: {from: []Status{Accepted, Returned, Reopened, Dispatched}, to: Dispatched, who: []Role{RoleCentre, RoleBot}, holder: true, check: mayDispatch, apply: dispatched},
		DoSort:     {from: open, who: centre, check: hasCategory, apply: sortedAnew},
		DoSign:     {from: []Status{Dispatched}, to: Signed, holder: true, apply: func(t *Ticket, c Command, r Rules) { t.Life.SignedAt = c.At }},
		DoReturn:   {from: []Status{Dispatched, Signed}, to: Returned, holder: true, words: true, check: mayReturn, apply: returned},
		DoAdmit:    {from: []Status{Dispatched, Signed, Processing}, holder: true, who: centre, words: true, check: helpOnly, apply: func(t *Ticket, c Command, _ Rules) { t.Life.AdmittedAt = c.At }},
		DoContact:  {from: working, to: Processing, holder: true, who: centre, words: true, check: mayContact, apply: contacted},
		DoNote:     {from: working, holder: true, words: true},
		DoVisit:    {from: working, holder: true, words: true},
		DoVerify:   {from: []Status{Signed, Processing}, holder: true, words: true, check: helpOnly, apply: verified},
		DoMeet:     {from: []Status{Signed, Processing}, holder: true, who: centre, words: true, check: mayMeet, apply: func(t *Ticket, _ Command, _ Rules) { t.Life.Band = BandMet }},
		DoPay:      {from: []Status{Processing}, holder: true, words: true, check: mayPay, apply: paid},
		DoMatch:    {from: working, who: []Role{RoleCentre, RoleBot}, holder: true, words: true, check: mayMatch, apply: matched},
		DoSkip:     {from: working, who: centre, holder: true, words: true, check: maySkip, apply: skipped},
		DoPublish:  {from: []Status{Signed, Processing}, who: centre, holder: true, settle: true, words: true, check: mayPublish, apply: published},
		DoHide:     {from: open, who: citizen, holder: true, check: mayHide, apply: hidden},
		DoExtend:   {from: []Status{Signed, Processing}, to: ExtensionRequested, holder: true, words: true, check: mayExtend, apply: func(t *Ticket, c Command, r Rules) { t.Life.Until = r.Extended(c.Until) }},
		DoGrant:    {from: []Status{ExtensionRequested}, to: Processing, who: centre, apply: granted},
		DoRefuse:   {from: []Status{ExtensionRequested}, to: Processing, who: centre, words: true, apply: func(t *Ticket, _ Command, _ Rules) { t.Life.Until = time.Time{} }},
		DoReply:    {from: []Status{Processing}, to: Replied, holder: true, words: true, check: mayReply, apply: replied},
		DoApprove:  {from: []Status{Replied}, to: Reviewed, who: centre},
		DoSendBack: {from: []Status{Replied}, to: Processing, who: centre, words: true},
		DoClose:    {from: []Status{Reviewed}, to: Closed, who: []Role{RoleCentre, RoleBot}, apply: closed},
		DoFollowUp: {from: []Status{Closed}, who: citizen, check: mayFollowUp, apply: followedUp},
		DoRedo:     {from: []Status{Closed, Replied}, to: Reopened, who: citizen, words: true, check: mayRedo, apply: reopened},
		DoArchive:  {from: []Status{Closed}, who: []Role{RoleCentre, RoleBot}, check: mayArchive, apply: func(t *Ticket, c Command, _ Rules) { t.Life.ArchivedAt = c.At }},
		DoMerge:    {from: []Status{Accepted, Dispatched, Signed, Returned, Processing, Reopened}, to: Merged, who: []Role{RoleCentre, RoleBot}, check: mayMerge, apply: func(t *Ticket, c Command, _ Rules) { t.Life.Root = c.Into }},
		DoWithdraw: {from: open, to: Withdrawn, who: citizen},
		DoUrge:     {from: open, who: citizen, apply: func(t *Ticket, _ Command, _ Rules) { t.Life.Urged++ }},
		DoSupplement: {from: open, who: citizen, words: true, apply: func(t *Ticket, c Command, _ Rules) {
			if c.Attachment != "" {
				t.Attachments = append(slices.Clone(t.Attachments), c.Attachment)
			}
			if wish := ContactWish(c.Words.Reveal()); wish != "" {
				t.ContactWish = bot.Secret(wish)
			}
			t.Affected = max(t.Affected, Affected(c.Words.Reveal()))
		}},
		DoSupervise: {from: open, who: centre, words: true, apply: func(t *Ticket, _ Command, _ Rules) { t.Life.Level = max(t.Life.Level, Pressed) }},
		DoWorks:     {from: []Status{Dispatched, Signed, Processing}, who: centre, holder: true, words: true, check: helpOnly, apply: madeWorks},
		DoAlarm:     {from: append([]Status{Closed, Reviewed}, open...), who: []Role{RoleBot}, apply: alarmed},
		DoPass: {from: []Status{Merged}, who: []Role{RoleBot}, apply: func(t *Ticket, c Command, _ Rules) {
			t.Life.ClosedAt, t.Answer = c.At, c.Words
		}},
		DoReveal: {from: append([]Status{Closed, Reviewed}, open...), who: centre, holder: true, check: mayReveal},
	}
}

// Decide judges a command and says what it comes to. It is pure: the ticket
// given is not changed. A command the rules refuse is a *Refusal.
func Decide(t Ticket, c Command, r Rules) (Outcome, error) {
	l, known := laws()[c.Action]
	switch {
	case !known:
		return Outcome{}, refused("没有这个操作。", "action %q is unknown", c.Action)
	case c.Seen != 0 && c.Seen != t.Life.Version:
		return Outcome{}, ErrStale
	case !l.allows(t, c.By):
		return Outcome{}, refused("这一步不归您办。", "%s may not %s", c.By.Role, c.Action)
	case !slices.Contains(l.from, t.Status):
		return Outcome{}, refused("现在是“"+t.Status.Title()+"”，不能"+c.Action.Title()+"。", "%s in status %s", c.Action, t.Status)
	case t.Life.Root != "" && c.By.Role != RoleBot && c.By.Role != RoleCitizen:
		return Outcome{}, refused("这一件已并入 "+t.Life.Root+"，请到那一件上办。", "it was merged")
	case l.words && strings.TrimSpace(c.Words.Reveal()) == "":
		return Outcome{}, refused("请写明"+c.Action.Title()+"的内容或理由。", "%s needs words", c.Action)
	case utf8.RuneCountInString(c.Words.Reveal()) > mostWords:
		return Outcome{}, refused("内容太长了，最多 2000 字。", "words are too long")
	}
	if l.check != nil {
		if no := l.check(t, c, r); no != nil {
			return Outcome{}, no
		}
	}
	before := t
	t.Life.Raised, t.Life.ReturnedBy = slices.Clone(t.Life.Raised), slices.Clone(t.Life.ReturnedBy)
	if l.to != "" {
		t.Status = l.to
	}
	if l.apply != nil {
		l.apply(&t, c, r)
	}
	t.Life.Version++
	t.Life.NextAt = Next(t, r)
	o := Outcome{Ticket: t, Step: stepOf(t, c), Notices: notices(before, t, c, r)}
	if c.Action == DoPublish {
		w := WishOf(t, r.Names, c.At)
		o.Wish = &w
	}
	return o, nil
}

// Move is one step the life cycle allows: To is empty where the state stays.
type Move struct {
	Action   Action
	From, To Status
}

// Moves are all of them, for tests that want each to be lived.
func Moves() []Move {
	var out []Move
	for action, l := range laws() {
		for _, from := range l.from {
			out = append(out, Move{action, from, l.to})
		}
	}
	return out
}

// mostWords is the longest a reason, reply or note may be, in characters.
const mostWords = 2000

func (l law) allows(t Ticket, a Actor) bool {
	return slices.Contains(l.who, a.Role) && !a.Worker() || l.holder && a.Holds(t) || l.settle && a.Worker() && a.MaySettle(t.Town)
}

// Allowed are the actions an actor may take on a ticket as it stands, in the
// order of the life cycle, for pages to offer.
func Allowed(t Ticket, a Actor, r Rules, now time.Time) []Action {
	all := laws()
	var out []Action
	for _, action := range []Action{
		DoReject, DoDispatch, DoSort, DoSign, DoReturn, DoAdmit, DoContact, DoNote, DoVisit, DoVerify, DoMatch, DoSkip, DoMeet, DoPay, DoPublish, DoExtend, DoGrant, DoRefuse, DoReply,
		DoApprove, DoSendBack, DoClose, DoFollowUp, DoRedo, DoArchive, DoMerge, DoWithdraw, DoUrge, DoSupplement, DoHide, DoSupervise, DoWorks, DoReveal,
	} {
		l := all[action]
		if !slices.Contains(l.from, t.Status) || !l.allows(t, a) || t.Life.Root != "" {
			continue
		}
		if action == DoSupplement && a.Role != RoleCitizen {
			continue // colleagues write notes
		}
		if l.check != nil && wouldRefuse(action, t, a, r, now) {
			continue
		}
		out = append(out, action)
	}
	return out
}

// wouldRefuse tries what does not depend on what will be written.
func wouldRefuse(action Action, t Ticket, a Actor, r Rules, now time.Time) bool {
	below := Body{Department: a.Body.Department, Town: "?"}
	if a.Body.Department == "" && a.Body.Town != "" {
		below = Body{Town: a.Body.Town, Village: "?"}
	}
	c := Command{Action: action, By: a, At: now, To: below, Category: "?", Into: "?", Until: t.DueAt.AddDate(0, 0, 1), Amount: 1, Way: t.NextWay(r.Limits.Match), Finding: Unmet, Solved: Yes, Satisfied: Yes}
	return laws()[action].check(t, c, r) != nil
}

func stepOf(t Ticket, c Command) Step {
	return Step{At: c.At, Status: t.Status, By: c.By.signature(), Action: c.Action, Note: c.Words, Holder: t.Life.Holder, Attachment: c.Attachment, Key: c.Key}
}

func helpOnly(t Ticket, _ Command, _ Rules) *Refusal {
	if t.Kind != Help {
		return refused("这一步只用于民生大莞家。", "not a request for help")
	}
	return nil
}

func hasCategory(_ Ticket, c Command, _ Rules) *Refusal {
	if c.Category == "" {
		return refused("请选分类。", "no category")
	}
	return nil
}

// mayDispatch: a body gets a ticket once it is named; a worker may only hand
// it down to a village or social workers below them.
func mayDispatch(t Ticket, c Command, _ Rules) *Refusal {
	switch {
	case c.To.Centre():
		return refused("请选派给谁。", "no body named")
	case c.By.Worker() && (c.To == c.By.Body || !c.By.Body.Over(c.To)):
		return refused("只能转给您下面的村（社区）、社工或分局。", "not below %s", c.By.Body)
	case c.By.Role != RoleCentre && !c.By.Worker() && t.Status != Accepted:
		return refused("退回和重办的由人来派。", "the bot dispatches what is new")
	case slices.Contains(t.Life.ReturnedBy, c.To.String()) && strings.TrimSpace(c.Words.Reveal()) == "":
		return refused("这个单位退过这一件，再派要写明理由。", "it returned this before")
	case t.Status == Dispatched && c.To == t.Life.Holder:
		return refused("这一件已经在那里了。", "it lies there already")
	}
	return nil
}

func dispatched(t *Ticket, c Command, r Rules) {
	t.Life.Holder, t.Life.DispatchedAt, t.Life.SignedAt = c.To, c.At, time.Time{}
	sortedAnew(t, c, r)
	if c.Confidence > 0 {
		t.Life.Confidence = c.Confidence
	}
	t.Life.Raised = slices.DeleteFunc(t.Life.Raised, func(k AlarmKind) bool { return k == AlarmSign || k == AlarmOut })
}

func sortedAnew(t *Ticket, c Command, _ Rules) {
	if c.Category != "" {
		t.Category = c.Category
	}
	if c.Department != "" {
		t.Department = c.Department
	}
}

// mayReturn: in time, once a body, not what was done before.
func mayReturn(t Ticket, c Command, r Rules) *Refusal {
	times := 0
	for _, b := range t.Life.ReturnedBy {
		if b == t.Life.Holder.String() {
			times++
		}
	}
	switch {
	case times >= r.Limits.Returns:
		return refused("您单位已经退过这一件，不能再退。有异议请联系 12345 中心。", "returned %d times before", times)
	case !t.Life.DispatchedAt.IsZero() && c.At.After(r.Clock.After(t.Life.DispatchedAt, r.Limits.Return)):
		return refused("派单已超过"+r.Limits.Return.Title()+"，不能再退。", "too late to return")
	}
	return nil
}

func returned(t *Ticket, c Command, _ Rules) {
	t.Life.ReturnedBy = append(t.Life.ReturnedBy, t.Life.Holder.String())
	t.Life.Holder, t.Life.SignedAt = Body{}, time.Time{}
}

// mayContact: whom nobody may know, only the centre speaks with.
func mayContact(t Ticket, c Command, _ Rules) *Refusal {
	if c.By.Worker() && !c.By.SeesCaller(t) && !t.Anonymous {
		return refused("这一件要求保密，请由 12345 中心联系市民。", "confidential")
	}
	return nil
}

func mayReveal(t Ticket, c Command, _ Rules) *Refusal {
	if !c.By.SeesCaller(t) || t.Phone == "" {
		return refused("这一件不能查看联系方式。", "the caller is not to be seen")
	}
	return nil
}

func contacted(t *Ticket, c Command, _ Rules) {
	if t.Life.ContactedAt.IsZero() {
		t.Life.ContactedAt = c.At
	}
	if t.Kind == Help && t.Life.AdmittedAt.IsZero() {
		t.Life.AdmittedAt = c.At // whoever speaks to the household tells it so
	}
}

// mayExtend: before it is due, once, not beyond the limit.
func mayExtend(t Ticket, c Command, r Rules) *Refusal {
	most := r.Latest(t)
	switch {
	case t.Life.Extended >= r.Limits.Extends:
		return refused("已经延过期，不能再延。", "extended %d times", t.Life.Extended)
	case c.At.After(t.DueAt):
		return refused("已经过了期限，不能再申请延期。", "asked after it was due")
	case !r.Extended(c.Until).After(t.DueAt):
		return refused("延到的日期要晚于现在的期限。", "not later than it is due")
	case r.Extended(c.Until).After(most):
		return refused("最多延到 "+most.Format("2006-01-02")+"。", "longer than allowed")
	}
	return nil
}

func granted(t *Ticket, _ Command, _ Rules) {
	t.DueAt, t.Life.Until = t.Life.Until, time.Time{}
	t.Life.Extended++
	t.Life.Level = Calm
	t.Life.Raised = slices.DeleteFunc(t.Life.Raised, func(k AlarmKind) bool { return k == AlarmYellow || k == AlarmWarn })
}

// mayHide: what stands in public, or might yet.
func mayHide(t Ticket, _ Command, r Rules) *Refusal {
	if keptPrivate(t, r.Limits) != "" {
		return refused("这一件本来就不公开。", "never public")
	}
	if t.Found(WayClaim).Finding == Met {
		return refused("心愿已经实现了。", "fulfilled")
	}
	return nil
}

// mayReply: somebody has spoken with the citizen, and where money was needed
// the amount was seen to as its band demands. Help is not answered before the
// first way was looked at, nor while its wish is before the public.
func mayReply(t Ticket, _ Command, r Rules) *Refusal {
	order := r.Limits.Match.OrderFor(t)
	switch {
	case t.Life.ContactedAt.IsZero() && !t.Anonymous:
		return refused("还没有联系过市民，请先联系再答复。", "nobody has spoken with the citizen")
	case t.Kind == Help && BandOf(t.Amount, r.Limits.Bands) != BandDirect && t.Amount > 0 && t.Life.Verified.IsZero():
		return refused("超过 "+yuan(r.Limits.Bands.Direct)+" 元的求助要先核查。", "not verified")
	case t.Kind == Help && len(order) > 0 && t.Found(order[0]).Finding == "":
		return refused("先看"+order[0].Title()+"，记下结果再答复。", "no way was gone")
	case t.Found(WayClaim).Finding == Underway:
		return refused("心愿还在公开认领或等送达，有了结果再答复。", "the wish is public")
	}
	return nil
}

func replied(t *Ticket, c Command, _ Rules) {
	t.Life.RepliedAt, t.Life.Late = c.At, t.Life.Late || c.At.After(t.DueAt)
	t.Answer = c.Words
}

func closed(t *Ticket, c Command, _ Rules) {
	t.Life.ClosedAt, t.Life.ArchivedAt = c.At, time.Time{}
	t.Life.Raised, t.Life.Level = nil, Calm
}

// mayArchive: once.
func mayArchive(t Ticket, _ Command, _ Rules) *Refusal {
	if !t.Life.ArchivedAt.IsZero() {
		return refused("这一件已经归档。", "archived")
	}
	return nil
}

// mayFollowUp: once in each round.
func mayFollowUp(t Ticket, c Command, _ Rules) *Refusal {
	if no := mayArchive(t, c, Rules{}); no != nil {
		return no
	}
	switch {
	case c.Satisfied == Unasked:
		return refused("请选满意、不满意或没联系上。", "no verdict")
	case c.Satisfied == No:
		return refused("不满意请走重办，并写明原因。", "unsatisfied is a redo")
	}
	return nil
}

func followedUp(t *Ticket, c Command, _ Rules) {
	t.Life.Satisfied, t.Life.Solved = c.Satisfied, c.Solved
	if c.Satisfied == Yes {
		t.Life.ArchivedAt = c.At
	}
}

// mayRedo: within the time, and not for ever.
func mayRedo(t Ticket, c Command, r Rules) *Refusal {
	switch {
	case t.Life.Redone >= r.Limits.Redos:
		return refused("这一件已经重办过。请回“人工”，由 12345 中心督办。", "done again %d times", t.Life.Redone)
	case !t.Life.ClosedAt.IsZero() && t.Status == Closed && c.At.After(r.Clock.After(t.Life.ClosedAt, r.Limits.Reopen)):
		return refused("办结已超过"+r.Limits.Reopen.Title()+"，请重新反映一件。", "too late to reopen")
	}
	return nil
}

// reopened: the citizen is not satisfied. It is due again by its whole limit.
func reopened(t *Ticket, c Command, r Rules) {
	t.Life.Redone++
	t.Life.ReopenedAt, t.Life.Satisfied, t.Life.Solved = c.At, No, No
	t.Life.SignedAt, t.Life.ContactedAt, t.Life.RepliedAt, t.Life.ClosedAt, t.Life.ArchivedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	t.Life.Raised, t.Life.Level = nil, Calm
	t.DueAt = dueBy(r.Clock, c.At, r.Limits.HandleFor(*t))
}

func mayMerge(t Ticket, c Command, _ Rules) *Refusal {
	if c.Into == "" || c.Into == t.Number {
		return refused("请写明并入哪一件。", "no other ticket named")
	}
	return nil
}

func madeWorks(t *Ticket, c Command, r Rules) {
	t.Works = true
	t.DueAt = dueBy(r.Clock, t.CreatedAt, r.Limits.Works)
	t.Life.Raised = slices.DeleteFunc(t.Life.Raised, func(k AlarmKind) bool { return k == AlarmYellow || k == AlarmWarn })
}

// dueBy is the end of the day on which a span from t is over.
func dueBy(c Clock, t time.Time, s Span) time.Time { return endOf(c.After(t, s)) }

func alarmed(t *Ticket, c Command, _ Rules) {
	t.Life.Raised = append(t.Life.Raised, c.Alarm.Kind)
	t.Life.Level = max(t.Life.Level, c.Alarm.Level)
	if c.Alarm.Kind == AlarmRed {
		t.Life.Late = true
	}
}
