package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

// clerk is a small service behind the chat: it keeps a transcript, answers a
// few words the way the real one does, and gives a repeated key the answer it
// gave before.
type clerk struct {
	mu       sync.Mutex
	next     int64
	lines    map[string][]bot.Line
	turns    map[string]bot.Turn
	pictures map[string]bot.Attachment
	received []bot.Inbound
	done     []bot.OutgoingID
	released []bot.OutgoingID
	down     error                                     // what Receive fails with
	blind    error                                     // what Transcript fails with
	before   func(ctx context.Context, in bot.Inbound) // runs ahead of each turn
	handling bot.Handling
}

func newClerk() *clerk {
	return &clerk{
		lines: map[string][]bot.Line{}, turns: map[string]bot.Turn{},
		pictures: map[string]bot.Attachment{}, handling: bot.ByBot,
	}
}

func (k *clerk) Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error) {
	k.mu.Lock()
	before := k.before
	k.mu.Unlock()
	if before != nil {
		before(ctx, in)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down != nil {
		return bot.Turn{}, k.down
	}
	if turn, ok := k.turns[in.Key]; ok {
		turn.Repeat = true
		return turn, nil
	}
	k.received = append(k.received, in)
	said := bot.Line{Speaker: bot.SpeakerCitizen, Channel: bot.Web, At: bot.SystemClock(), Text: in.Text, Event: in.Event}
	if in.Attachment != nil {
		said.Attachment = fmt.Sprintf("picture-%d", len(k.pictures)+1)
		k.pictures[said.Attachment] = *in.Attachment
	}
	k.append(in.From.ID, said)
	turn := bot.Turn{ID: k.next, Handling: k.handling}
	for _, r := range reply(in) {
		id := k.append(in.From.ID, bot.Line{
			Speaker: bot.SpeakerBot, Channel: bot.Web, At: bot.SystemClock(), Text: r.Text, Options: r.Options, Source: r.Source,
		})
		turn.Out = append(turn.Out, bot.Outgoing{ID: bot.OutgoingID(id), To: in.From, Reply: r})
	}
	k.turns[in.Key] = turn
	return turn, nil
}

// append adds a line; k.mu is held.
func (k *clerk) append(id string, l bot.Line) int64 {
	k.next++
	l.ID = k.next
	k.lines[id] = append(k.lines[id], l)
	return l.ID
}

// say adds a line as an operator or a job does.
func (k *clerk) say(id string, l bot.Line) bot.Line {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l.At.IsZero() {
		l.At = bot.SystemClock()
	}
	if l.Channel == "" {
		l.Channel = bot.Web
	}
	l.ID = k.append(id, l)
	return l
}

func (k *clerk) Transcript(_ context.Context, from bot.Address, after int64, limit int) ([]bot.Line, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.blind != nil {
		return nil, k.blind
	}
	var out []bot.Line
	for _, l := range k.lines[from.ID] {
		if l.ID > after && len(out) < limit {
			out = append(out, l)
		}
	}
	return out, nil
}

func (k *clerk) Ending(ctx context.Context, from bot.Address, limit int) ([]bot.Line, error) {
	all, err := k.Transcript(ctx, from, 0, 1<<30)
	return all[max(0, len(all)-limit):], err
}

func (k *clerk) Picture(_ context.Context, from bot.Address, id string) (bot.Attachment, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range k.lines[from.ID] {
		if l.Attachment == id {
			return k.pictures[id], nil
		}
	}
	return bot.Attachment{}, errors.New("no such picture")
}

func (k *clerk) Delivered(_ context.Context, ids ...bot.OutgoingID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.done = append(k.done, ids...)
	return nil
}

// expectDone waits until so many replies were noted as delivered, and none as
// given back.
func (k *clerk) expectDone(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		k.mu.Lock()
		done, released := slices.Clone(k.done), slices.Clone(k.released)
		k.mu.Unlock()
		if len(done) == n && len(released) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("delivered %v, released %v of %d replies", done, released, n)
		}
	}
}

func (k *clerk) Release(_ context.Context, ids ...bot.OutgoingID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.released = append(k.released, ids...)
	return nil
}

func (k *clerk) set(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
}

// texts are what was received, in order: words, or event:key.
func (k *clerk) texts() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	for _, in := range k.received {
		switch in.Event {
		case bot.NoEvent:
			out = append(out, in.Text)
		case bot.EventSubscribe:
		default:
			out = append(out, string(in.Event)+":"+in.EventKey+in.Text)
		}
	}
	return out
}

func offer(texts ...string) []bot.Option {
	out := make([]bot.Option, len(texts))
	for i, t := range texts {
		out[i] = bot.Option{Text: t}
	}
	return out
}

// reply is what the clerk answers.
func reply(in bot.Inbound) []bot.Reply {
	switch {
	case in.Event == bot.EventSubscribe:
		return []bot.Reply{{Text: "您好，这里是莞家政务。我是智能助手，可以帮您：\n① 预约办事　② 查办事指南\n③ 急难求助　④ 反映诉求\n直接说就行，比如“预约下周三办居住证”。\n回复“人工”转人工；有生命危险请拨 110、119、120。",
			Options: offer("预约办事", "问办事指南", "急难求助", "反映诉求")}}
	case in.EventKey == "mine":
		return []bot.Reply{{Text: "您现在没有预约。要约一个吗？", Options: offer("预约办事")}}
	case in.Event == bot.EventImage:
		return []bot.Reply{{Text: "图片收到了，已经放进这件事里。"}}
	case in.Event == bot.EventLocation:
		return []bot.Reply{{Text: fmt.Sprintf("位置收到了：%.4f，%.4f。", in.Latitude, in.Longitude)}}
	case in.EventKey == "book" || strings.Contains(in.Text, "预约"):
		return []bot.Reply{{Text: "好的，要办哪件事？", Options: offer("居住证办理（首次申领）", "社会保障卡申领", "企业设立登记", "都不是，我再说说")}}
	case strings.Contains(in.Text, "居住证"):
		return []bot.Reply{
			{Text: "去哪个大厅办？"},
			{Text: "离您近的有这些：", Options: offer("市民服务中心", "南城街道政务服务中心", "东城街道政务服务中心")}}
	case strings.Contains(in.Text, "市民服务中心"):
		return []bot.Reply{{Text: "请您核对：\n事项：居住证办理（首次申领）\n大厅：市民服务中心\n时间：2026年12月2日（周三）15:00\n姓名：陈*\n手机：138****1234\n都对吗？", Options: offer("确认预约", "改时间", "不办了")}}
	case strings.Contains(in.Text, "材料"):
		return []bot.Reply{{Text: "补领身份证要带：\n1. 户口簿\n2. 相片回执（可在派出所现场拍）\n工本费 40 元，20 个工作日内办好。网上办理：https://www.gdzwfw.gov.cn/portal/v2/guide",
			Source: "广东政务服务网《居民身份证补领》，2026年10月9日核对", Options: []bot.Option{{Text: "帮我预约"}, {Text: "打开办事指南", URL: "https://www.gdzwfw.gov.cn/"}}}}
	}
	return []bot.Reply{{Text: "收到：" + in.Text}}
}

// at makes a time today in Dongguan.
func at(days int, clock string) time.Time {
	t, _ := time.Parse("15:04", clock)
	now := bot.SystemClock().AddDate(0, 0, days)
	return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, bot.Shanghai())
}
