package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// mostTurns is when even a patient citizen gives up.
const mostTurns = 16

// citizen is one person who is played.
type citizen struct {
	kind   kind
	rand   *rand.Rand
	think  time.Duration
	name   string
	phone  string
	town   string
	street string
	asks   []string // still to be asked in between
	moods  moods
	// insists is who asks for a person after the first answer.
	insists bool
	finds   string // how they find it, as they are asked: 满意, 一般, 不满意
	// patience is how long a person is waited for and talked with.
	patience time.Duration
}

// moods are how a citizen behaves: the chance, at each turn, of doing other
// than answering.
type moods struct {
	chatty    float64 // asks in between
	wavering  float64 // corrects something at the summary
	impatient float64 // wants a person
	fickle    float64 // breaks off
}

func newCitizen(n int, seed uint64, think time.Duration) *citizen {
	r := rand.New(rand.NewPCG(seed, uint64(n)+1))
	c := &citizen{
		kind: pickKind(r), rand: r, think: think,
		name: pick(r, families()) + pick(r, given()), phone: fmt.Sprintf("1%c%09d", "3578"[r.IntN(4)], r.IntN(1_000_000_000)),
		town: pick(r, towns()), street: fmt.Sprintf("%s%d号", pick(r, streets()), 1+r.IntN(300)),
		moods: moods{chatty: .06, wavering: .2, impatient: .02, fickle: .02},
	}
	c.finds = pick(r, []string{"满意", "满意", "满意", "满意", "满意", "满意", "一般", "一般", "不满意"})
	switch r.IntN(5) {
	case 0:
		c.moods.impatient = .12
		c.finds = pick(r, []string{"满意", "一般", "不满意", "不满意"})
	case 1:
		c.moods.chatty, c.asks = .3, []string{pick(r, asides()), pick(r, asides())}
	case 2:
		c.moods.fickle = .1
	}
	return c
}

// outcome is what came of a conversation.
type outcome struct {
	turns  []time.Duration // how long each answer took
	done   string          // what was reached: a number's kind, an answer, a person
	left   bool            // the citizen broke off
	failed error
	rated  string // how the citizen said it went
}

// play has the conversation, and takes leave.
func (c *citizen) play(ctx context.Context, line Line) (o outcome) {
	o = c.talk(ctx, line)
	if o.failed == nil && !o.left {
		o.rated = c.farewell(ctx, line, o.done)
	}
	return o
}

// talk is what the citizen came for.
func (c *citizen) talk(ctx context.Context, line Line) (o outcome) {
	words := c.kind.opening(c)
	for range mostTurns {
		if !sleep(ctx, c.pause()) {
			o.failed = ctx.Err()
			return o
		}
		answer, err := line.Say(ctx, words)
		if err != nil {
			o.failed = err
			return o
		}
		o.turns = append(o.turns, answer.Took)
		if o.done = reached(answer.Heard, o.done); o.done != "" && o.done != "answer" {
			return o
		}
		if c.rand.Float64() < c.moods.fickle {
			o.left = true
			return o
		}
		next, more := c.reply(answer.Heard)
		if !more {
			return o
		}
		words = next
	}
	o.left = true
	return o
}

// pause is how long a citizen reads and thinks.
func (c *citizen) pause() time.Duration {
	return time.Duration(c.rand.ExpFloat64() * float64(c.think))
}

// reached is what the service says was done.
func reached(heard []Heard, before string) string {
	for _, h := range heard {
		switch {
		case strings.Contains(h.Text, "人工最前面"), strings.Contains(h.Text, "人工马上接过来"):
			return "emergency"
		case strings.Contains(h.Text, "已为您转人工"), strings.Contains(h.Text, "已经在排队"), strings.Contains(h.Text, "请工作人员来接"):
			return "person"
		case strings.Contains(h.Text, "预约号 YY") && strings.Contains(h.Text, "约好"):
			return "appointment"
		case strings.Contains(h.Text, "编号 DG"):
			return "ticket"
		}
	}
	if len(heard) > 0 {
		return "answer"
	}
	return before
}

// reply is what a citizen says to what was heard; false: nothing more.
func (c *citizen) reply(heard []Heard) (string, bool) {
	if len(heard) == 0 { // a person holds the talk, or nothing is to be said
		return "", false
	}
	last := heard[len(heard)-1]
	switch chance := c.rand.Float64(); {
	case c.insists:
		return "转人工", true
	case chance < c.moods.impatient:
		return pick(c.rand, []string{"转人工", "我要找人", "人工服务"}), true
	case chance < c.moods.impatient+c.moods.chatty && len(c.asks) > 0:
		ask := c.asks[0]
		c.asks = c.asks[1:]
		return ask, true
	}
	if words, ok := c.answer(last); ok {
		return words, true
	}
	if c.kind.more == nil || len(c.asks) == 0 && c.rand.IntN(2) == 0 {
		return "", false
	}
	return c.kind.more(c), true
}

// answer answers the question last heard, as far as it is one.
func (c *citizen) answer(h Heard) (string, bool) {
	if option := choose(h.Options, "确认"); option != "" {
		if c.rand.Float64() < c.moods.wavering {
			c.moods.wavering = 0
			return "等等，电话改成" + c.phone[:3] + "0000" + c.phone[7:], true
		}
		return option, true
	}
	for _, q := range questions() {
		if strings.Contains(h.Text, q.asks) {
			return q.answer(c), true
		}
	}
	if len(h.Options) > 0 {
		return pick(c.rand, h.Options), true
	}
	return "", false
}

func choose(options []string, part string) string {
	for _, o := range options {
		if strings.HasPrefix(o, part) {
			return o
		}
	}
	return ""
}

// question is what a service asks and how a citizen answers it.
type question struct {
	asks   string
	answer func(*citizen) string
}

func questions() []question {
	return []question{
		{"手机号", func(c *citizen) string {
			return pick(c.rand, []string{c.phone, c.phone[:3] + " " + c.phone[3:7] + " " + c.phone[7:]})
		}},
		{"怎么称呼", func(c *citizen) string { return c.name }},
		{"姓名", func(c *citizen) string { return pick(c.rand, []string{c.name, "我叫" + c.name}) }},
		{"哪个大厅", func(c *citizen) string {
			return pick(c.rand, []string{"市民服务中心", c.town, c.town + "大厅"})
		}},
		{"哪个镇街", func(c *citizen) string { return c.town + c.street }},
		{"具体在哪", func(c *citizen) string { return c.street }},
		{"详细地址", func(c *citizen) string { return c.street }},
		{"什么情况", func(c *citizen) string { return pick(c.rand, reports()) }},
		{"发生了什么", func(c *citizen) string { return pick(c.rand, reports()) }},
	}
}

func pick(r *rand.Rand, all []string) string { return all[r.IntN(len(all))] }
