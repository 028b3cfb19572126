package procedure

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/knowledge"
)

// leastPatience is below what time a composed answer is not begun.
const leastPatience = 700 * time.Millisecond

// compose has a found answer written in whole sentences where that helps: the
// question is about more than one line of the guide, there is an eye to read it
// and time to wait. Otherwise, and however it fails, the answer stays as the
// guide words it. outcome is empty where nobody was asked.
func (e *Errand) compose(ctx context.Context, q *bot.Query, a knowledge.Answer) (out knowledge.Answer, outcome string) {
	if e.Writer == nil || q.Channel == bot.Hotline || q.During != "" || q.Language == bot.English || q.Patience < leastPatience || plain(a) {
		return a, ""
	}
	ctx, cancel := context.WithTimeout(ctx, q.Patience)
	defer cancel()
	composed, err := e.Base.Compose(ctx, e.Writer, bot.Mask(q.Understanding), a)
	switch {
	case errors.Is(err, knowledge.ErrUnfaithful):
		return a, bot.ModelNothing
	case err != nil:
		return a, failure(ctx, err)
	case composed.Brief == a.Brief:
		return a, ""
	}
	return composed, bot.ModelUsed
}

// failure names how asking a model failed.
func failure(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, bot.ErrResting):
		return bot.ModelResting
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		return bot.ModelLate
	}
	return bot.ModelFailed
}

// plain says whether the guide's own line is the whole answer: one field of
// one line, asked for by name.
func plain(a knowledge.Answer) bool {
	return len(a.Fields) == 1 && a.Field != knowledge.Overview && a.Field != knowledge.Conditions && !strings.Contains(a.Text, "\n1. ")
}

// mostOptions is how many matters are offered to choose from.
const mostOptions = 4

// alsoFound adds what another wording of the question finds to what is offered
// to choose from. It never answers by itself.
func (e *Errand) alsoFound(ctx context.Context, q *bot.Query, a knowledge.Answer) knowledge.Answer {
	if q.Also == "" {
		return a
	}
	also := e.Base.Ask(ctx, knowledge.Question{Text: q.Also, Now: q.Now})
	found := also.Options
	if g, ok := e.Base.Guide(also.Guide); ok && also.Decision == knowledge.Answered {
		found = []knowledge.Option{{Text: g.Title, Guide: g.ID, Field: also.Field}}
	}
	if also.Decision == knowledge.Abstained || len(found) == 0 {
		return a
	}
	for _, o := range found {
		if len(a.Options) < mostOptions && !slices.ContainsFunc(a.Options, func(had knowledge.Option) bool { return had.Guide == o.Guide }) {
			a.Options = append(slices.Clip(a.Options), o)
		}
	}
	if a.Decision == knowledge.Abstained {
		a.Decision, a.Clarify = knowledge.Clarified, "您问的是不是下面的事？"
		a.Spoken = a.Clarify + a.Options[0].Text + "？"
	}
	return a
}
