package booking

import (
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Paused is the refusal of bookings while two administrators keep them off.
type Paused struct{ bot.Switch }

// Error implements error.
func (p *Paused) Error() string { return string(p.Topic) + " is switched off" }

// Reason is a refusal in the words a citizen is given, by the rules in force;
// empty for an error that is none.
func Reason(err error, r Rules, l bot.Language) string {
	var paused *Paused
	if errors.As(err, &paused) {
		return paused.Says(l)
	}
	for _, c := range []struct {
		err    error
		zh, en string
		args   []any
	}{
		{ErrFull, "这个时段约满了。", "That period is full.", nil},
		{ErrNoOpening, "这个时段不放号。", "That period cannot be booked.", nil},
		{ErrBegun, "这个时段已经开始，约不了了。", "That period has begun.", nil},
		{ErrTooShort, "这项业务要提前 %s 预约。", "This service is booked at least %s ahead.", []any{span(r.BookBefore, l)}},
		{ErrNotReleased, "这一天的号还没放：每天 %s 放第 %d 天的号。", "That day is not released yet: every day at %s the %d. day ahead is.", []any{clockOf(r.ReleaseAt), r.ReleaseDays}},
		{ErrSameService, "这位办理人同一天同一业务已经约过一个，一天只能约一个。可以换一天，或先取消原来的。", "This person already has an appointment for this service on that day. Choose another day, or cancel the other one first.", nil},
		{ErrSameDay, "这位办理人那天已有 %d 个预约，一天最多 %d 个。换一天就行。", "This person already has %d appointments on that day, %d at most. Please choose another day.", []any{r.PerDay, r.PerDay}},
		{ErrTooMany, "这位办理人手上已有 %d 个没办的预约，最多同时 %d 个。先办完或取消一个，再来约。", "This person already has %d open appointments, %d at most. Please use or cancel one first.", []any{r.Active, r.Active}},
		{ErrTooManyPlaces, "一个预约最多 %d 人。人更多请分开约，或转人工安排团体。", "An appointment is for %d people at most. Please split the group, or ask a person.", []any{r.MaxPlaces}},
		{ErrBanned, "这位办理人 %s内有 %d 次约了没来，预约暂停 %s。生病、大厅原因等特殊情况可以申诉，老人和残疾人可以申请豁免；现场取号不受影响。", "Within %s, %d appointments were missed, so bookings are paused for %s. You may appeal in special cases, and the old and disabled can be exempted; walk-in is always possible.", []any{span(r.NoShowWindow, l), r.NoShows, span(r.Ban, l)}},
		{ErrNotBanned, "这位办理人没有被停约，现在就能预约。", "Bookings are not paused; you can book now.", nil},
		{ErrAppealed, "申诉已经收到，正在看，结果会告诉您。", "Your appeal was received; you will hear the result.", nil},
		{ErrNoAppeal, "这个申诉已经处理过了。", "That appeal was decided before.", nil},
		{ErrIdentity, "这项业务预约时要登记办理人的身份证号。", "This service needs the id number of the person served.", nil},
		{ErrOthers, "这项业务要本人预约，不能代约。", "This service must be booked by the person served.", nil},
		{ErrConsent, "替别人预约要先征得本人同意。", "Please ask the person served to agree first.", nil},
		{ErrTooLate, "离办理时间不到 %s，已经不能改或取消了。来不了请拨 12345 说明。", "It is less than %s away and can no longer be changed. Please call 12345.", []any{span(r.CancelBefore, l)}},
		{ErrNotActive, "这个预约已经取消、办完或不存在。", "That appointment is cancelled, done or does not exist.", nil},
		{ErrNoAppointment, "这个预约已经取消、办完或不存在。", "That appointment is cancelled, done or does not exist.", nil},
		{ErrFree, "现在就有号，不用候补。", "There are places now; no need to wait.", nil},
		{ErrNoWait, "您不在这个候补里，可能已经到号、过期或取消。", "You are not on that waiting list any more.", nil},
		{ErrTooManyWaits, "您已经有 %d 个候补，最多 %d 个。先取消一个再登记。", "You are on %d waiting lists already, %d at most. Leave one first.", []any{r.Waits, r.Waits}},
		{ErrOtherHall, "这个预约不在这个大厅，请看预约上的大厅。", "This appointment is at another hall.", nil},
		{ErrOtherDay, "这个预约不是今天的。", "This appointment is not today.", nil},
		{ErrOver, "这个预约的日子已经过了。", "That day is over.", nil},
		{ErrEarly, "还早，时段开始前 %s起可以取号。", "It is too early: numbers are drawn from %s before the period.", []any{span(r.CheckInEarly, l)}},
		{ErrNobody, "没有在等的号。", "Nobody is waiting.", nil},
		{ErrNotServed, "办完之后再评价。", "Please rate it after it is done.", nil},
		{ErrOpinion, "请给 1 到 5 分；文字不超过 500 字。", "Please give 1 to 5; at most 500 characters.", nil},
		{ErrRated, "已经评价过了，谢谢您。", "It was rated before. Thank you.", nil},
	} {
		if errors.Is(err, c.err) {
			return l.Say(c.zh, c.en, c.args...)
		}
	}
	return ""
}

// span is a length of time in words.
func span(d time.Duration, l bot.Language) string {
	switch {
	case d >= 24*time.Hour && d%(24*time.Hour) == 0:
		return l.Say("%d 天", "%d days", int(d/(24*time.Hour)))
	case d >= time.Hour && d%time.Hour == 0:
		return l.Say("%d 小时", "%d hours", int(d/time.Hour))
	case d > 0 && d < time.Minute:
		return l.Say("%d 秒", "%d seconds", int(d/time.Second))
	}
	return l.Say("%d 分钟", "%d minutes", int(d/time.Minute))
}

func clockOf(d time.Duration) string {
	return fmt.Sprintf("%d:%02d", int(d/time.Hour), int(d/time.Minute)%60)
}
