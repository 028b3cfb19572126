package booking

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"guanjia/bot"
)

// RuleBook is the rules of an installation: for all, and by service where it
// has its own. It is a value: a changed book is another version.
type RuleBook struct {
	Version int64
	Default Rules
	// Own are the parts of the rules that a service has otherwise, by service,
	// in the form Rules has as JSON.
	Own   map[string]json.RawMessage
	rules map[string]*Rules
}

// NewRuleBook makes a book and refuses rules that cannot be kept.
func NewRuleBook(all Rules, own map[string]json.RawMessage) (*RuleBook, error) {
	b := &RuleBook{Default: all, Own: own, rules: map[string]*Rules{}}
	errs := []error{fault("默认规则", all.Validate())}
	for _, service := range slices.Sorted(maps.Keys(own)) {
		r := all
		r.RemindBefore = slices.Clone(all.RemindBefore)
		dec := json.NewDecoder(bytes.NewReader(own[service]))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&r); err != nil {
			errs = append(errs, fault(service, err))
			continue
		}
		errs = append(errs, fault(service, r.Validate()))
		r.ownRelease = r.ReleaseAt != all.ReleaseAt || r.ReleaseDays != all.ReleaseDays
		b.rules[service] = &r
	}
	return b, errors.Join(errs...)
}

func fault(whose string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", whose, err)
}

// DefaultRuleBook holds the default rules for every service.
func DefaultRuleBook() *RuleBook { return &RuleBook{Default: DefaultRules()} }

// For are the rules of a service.
func (b *RuleBook) For(service string) *Rules {
	if r := b.rules[service]; r != nil {
		return r
	}
	return &b.Default
}

// ReleasedBy changes, for a day, as the rules of one service after another
// release it.
func (b *RuleBook) ReleasedBy(date string, now time.Time) []byte {
	out := []byte{released(&b.Default, date, now)}
	for _, service := range slices.Sorted(maps.Keys(b.rules)) {
		if r := b.rules[service]; r.ownRelease {
			out = append(append(out, service...), released(r, date, now))
		}
	}
	return out
}

func released(r *Rules, date string, now time.Time) byte {
	if r.Released(date, now) {
		return 1
	}
	return 0
}

// Furthest is how many days ahead anything is released.
func (b *RuleBook) Furthest() int {
	n := b.Default.ReleaseDays
	for _, r := range b.rules {
		n = max(n, r.ReleaseDays)
	}
	return n
}

// Validate says everything that is wrong with rules, in the administrator's
// words.
func (r Rules) Validate() error {
	var errs []error
	within := func(what string, v, low, high int) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("%s应在 %d 到 %d 之间，现在是 %d", what, low, high, v))
		}
	}
	lasts := func(what string, v, low, high time.Duration) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("%s应在 %s到 %s之间，现在是 %s", what, span(low, bot.Simplified), span(high, bot.Simplified), span(v, bot.Simplified)))
		}
	}
	const day = 24 * time.Hour
	within("每人每日同一业务的预约数", r.PerServiceDay, 1, 20)
	within("每人每日的预约数（0 为不限）", r.PerDay, 0, 50)
	within("每人同时有效的预约数", r.Active, 1, 50)
	within("一个预约的人数", r.MaxPlaces, 1, 100)
	within("爽约次数（0 为不停约）", r.NoShows, 0, 20)
	within("不停约的年龄（0 为不看年龄）", r.ExemptAge, 0, 120)
	within("提前放号的天数", r.ReleaseDays, 0, 90)
	within("同时候补的个数", r.Waits, 0, 20)
	within("现场取号的比例（%）", r.WalkIns, 0, 90)
	lasts("最晚预约", r.BookBefore, 0, 7*day)
	lasts("最晚取消", r.CancelBefore, 0, 7*day)
	lasts("爽约统计的时间", r.NoShowWindow, 0, 366*day)
	lasts("停约的时间", r.Ban, 0, 366*day)
	lasts("放号的时刻", r.ReleaseAt, 0, day-time.Minute)
	lasts("确认时留号的时间", r.HoldFor, 30*time.Second, time.Hour)
	lasts("候补到号后留号的时间", r.PromotedFor, time.Minute, day)
	lasts("最早取号", r.CheckInEarly, 0, 4*time.Hour)
	lasts("迟到宽限", r.CheckInLate, 0, 4*time.Hour)
	for _, v := range r.RemindBefore {
		lasts("提醒", v, 5*time.Minute, 7*day)
	}
	return errors.Join(errs...)
}

// written is how rules stand in JSON: durations as 2h30m.
type written struct {
	PerServiceDay *int     `json:"per_service_day,omitempty"`
	PerDay        *int     `json:"per_day,omitempty"`
	Active        *int     `json:"active,omitempty"`
	MaxPlaces     *int     `json:"max_places,omitempty"`
	BookBefore    *length  `json:"book_before,omitempty"`
	CancelBefore  *length  `json:"cancel_before,omitempty"`
	NoShows       *int     `json:"no_shows,omitempty"`
	NoShowWindow  *length  `json:"no_show_window,omitempty"`
	Ban           *length  `json:"ban,omitempty"`
	ExemptAge     *int     `json:"exempt_age,omitempty"`
	ReleaseAt     *length  `json:"release_at,omitempty"`
	ReleaseDays   *int     `json:"release_days,omitempty"`
	RemindBefore  []length `json:"remind_before,omitempty"`
	HoldFor       *length  `json:"hold_for,omitempty"`
	PromotedFor   *length  `json:"promoted_for,omitempty"`
	Waits         *int     `json:"waits,omitempty"`
	CheckInEarly  *length  `json:"check_in_early,omitempty"`
	CheckInLate   *length  `json:"check_in_late,omitempty"`
	WalkIns       *int     `json:"walk_ins,omitempty"`
	Identity      *bool    `json:"identity,omitempty"`
	Others        *bool    `json:"others,omitempty"`
	Consent       *bool    `json:"consent,omitempty"`
}

// length is a duration as Go writes it.
type length time.Duration

// MarshalText implements encoding.TextMarshaler.
func (l length) MarshalText() ([]byte, error) { return []byte(time.Duration(l).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *length) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*l = length(v)
	return err
}

// MarshalJSON implements json.Marshaler.
func (r Rules) MarshalJSON() ([]byte, error) {
	w := r.written()
	for _, v := range r.RemindBefore {
		w.RemindBefore = append(w.RemindBefore, length(v))
	}
	return json.Marshal(w)
}

// written points at the fields of r under their names in JSON.
func (r *Rules) written() written {
	return written{
		PerServiceDay: &r.PerServiceDay, PerDay: &r.PerDay, Active: &r.Active, MaxPlaces: &r.MaxPlaces,
		BookBefore: (*length)(&r.BookBefore), CancelBefore: (*length)(&r.CancelBefore), NoShows: &r.NoShows,
		NoShowWindow: (*length)(&r.NoShowWindow), Ban: (*length)(&r.Ban), ExemptAge: &r.ExemptAge, ReleaseAt: (*length)(&r.ReleaseAt), ReleaseDays: &r.ReleaseDays,
		HoldFor: (*length)(&r.HoldFor), PromotedFor: (*length)(&r.PromotedFor), Waits: &r.Waits,
		CheckInEarly: (*length)(&r.CheckInEarly), CheckInLate: (*length)(&r.CheckInLate), WalkIns: &r.WalkIns,
		Identity: &r.Identity, Others: &r.Others, Consent: &r.Consent,
	}
}

// UnmarshalJSON implements json.Unmarshaler; what is not named stays as it is,
// and a name that is not a rule is an error.
func (r *Rules) UnmarshalJSON(raw []byte) error {
	w := r.written()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		return err
	}
	if w.RemindBefore != nil {
		r.RemindBefore = nil
		for _, v := range w.RemindBefore {
			r.RemindBefore = append(r.RemindBefore, time.Duration(v))
		}
	}
	return nil
}
