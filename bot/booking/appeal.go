package booking

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"guanjia/bot"
)

// Ban is a stop of bookings after no-shows.
type Ban struct {
	Until  time.Time
	Missed int // days that count
}

// Banned says until when no-shows stop a person's bookings of a service; false
// where they do not.
func (d *Diary) Banned(p Person, service string, now time.Time) (Ban, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.people[p]
	if r == nil {
		return Ban{}, false
	}
	missed := slices.DeleteFunc(slices.Clone(r.missed), func(day string) bool { return !r.counts(day) })
	until := d.rules.For(service).bannedUntil(missed)
	return Ban{until, len(missed)}, now.Before(until)
}

// counts says whether a day missed counts against a person.
func (r *record) counts(day string) bool { return !r.exempt && !endOf(day).Before(r.pardon) }

// Appeal is a citizen's word against a ban, and what came of it.
type Appeal struct {
	ID       int64
	Citizen  bot.CitizenID
	Name     bot.Secret // the person whose bookings are stopped
	Phone    bot.Secret
	IDNumber bot.Secret
	Words    bot.Secret // why
	At       time.Time
	Ban      Ban // as it was
	Status   AppealStatus
	By       string
	Answer   bot.Secret // what the citizen was told
	Decided  time.Time
}

// AppealStatus is where an appeal stands.
type AppealStatus string

// The states of an appeal.
const (
	AppealOpen    AppealStatus = "open"
	AppealGranted AppealStatus = "granted" // what was missed no longer counts
	AppealExempt  AppealStatus = "exempt"  // nothing missed ever stops this person: the old, the disabled
	AppealRefused AppealStatus = "refused"
)

// Why an appeal is not taken or decided.
var (
	ErrNotBanned = errors.New("bookings are not stopped")
	ErrAppealed  = errors.New("an appeal is open")
	ErrNoAppeal  = errors.New("no such open appeal")
)

// ageOf is how old the holder of an identity number is, -1 where it tells none.
func ageOf(id string, now time.Time) int {
	if len(id) != 18 {
		return -1
	}
	born, err := time.ParseInLocation("20060102", id[6:14], bot.Shanghai())
	if err != nil {
		return -1
	}
	now = now.In(bot.Shanghai())
	age := now.Year() - born.Year()
	if now.Format("0102") < born.Format("0102") {
		age--
	}
	return age
}

// ExemptByAge says whether the rules never stop who has this identity number,
// and why.
func (r Rules) ExemptByAge(id string, now time.Time) (why string, exempt bool) {
	if r.ExemptAge <= 0 || ageOf(id, now) < r.ExemptAge {
		return "", false
	}
	return "年满 " + strconv.Itoa(r.ExemptAge) + " 岁", true
}
