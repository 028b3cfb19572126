package hotline

import (
	"context"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/speech"
)

// hear is called by the sound for every frame: it must not wait.
func (t *talk) hear(frame []int16) {
	if g := t.through.Load(); g != nil {
		if !g.held.Load() {
			g.sound.Pass(frame)
			t.overhear(g, t.ear, "", frame)
		}
		return
	}
	t.earMu.Lock()
	what := t.ear.Hear(frame)
	u := utterance{what: what}
	switch what {
	case speech.Nothing:
		t.earMu.Unlock()
		return
	case speech.Ended:
		u.sound, u.rate = append([]int16(nil), t.ear.Talk()...), t.ear.Rate()
		u.ended, u.voiced = time.Now().Add(-t.ear.Silence()), t.ear.Voiced()
	}
	t.earMu.Unlock()
	select {
	case t.voice <- u:
	default:
	}
}

// press is called by the sound for every key.
func (t *talk) press(digit rune) {
	select {
	case t.keys <- digit:
	default:
	}
}

// heard acts on what the ear noticed. Without a recogniser voices are not
// listened to: a cough would stop the only words that say how to go on.
func (t *talk) heard(ctx context.Context, u utterance) {
	if t.line.Ears == nil || t.handling == bot.ByPerson {
		return
	}
	switch u.what {
	case speech.Began:
		t.silentAt = time.Time{}
	case speech.Lasting:
		t.back()
		if t.mouth.busy() && !t.mouth.firm() && !t.parting {
			t.cut = t.hush()
			t.line.figures.bargedIn.Add(1)
		}
	case speech.FalseTalk:
		t.listen()
	case speech.Ended:
		if t.mouth.firm() || t.parting {
			return
		}
		t.give(task{wav: speech.WAV(u.sound, u.rate), spoken: t.manner.Language, ended: u.ended, survey: t.surveying})
	}
}

// collect sets how long the caller may pause: longer where a number is told.
func (t *talk) collect(turn bot.Turn) {
	patience := speech.Endpoint
	if turn.Trace.Flow != "" && t.offered == 0 && len(turn.Out) > 0 && asksNumber(turn.Out[len(turn.Out)-1].Reply) {
		patience = speech.DigitPause
	}
	t.earMu.Lock()
	defer t.earMu.Unlock()
	t.ear.Patience = patience
}

// asksNumber says whether a question is answered by a number told digit by
// digit.
func asksNumber(r bot.Reply) bool {
	for _, word := range []string{"手机号", "电话号码", "联系电话", "号码", "编号", "位数", "接着说后面的", "mobile number", "and then?"} {
		if strings.Contains(r.Text, word) {
			return true
		}
	}
	return false
}

// misheard is sound without words: an interruption that was none is taken
// back, otherwise the caller is asked again, told of the keys, and brought to
// a person.
func (t *talk) misheard(ctx context.Context, r result) {
	if r.err != nil {
		t.line.Log.Warn("recogniser", "call", t.call.ID(), "error", r.err)
	}
	if cut := t.cut; len(cut) > 0 {
		t.cut = nil
		t.line.figures.resumed.Add(1)
		t.queue(ctx, cut)
		return
	}
	if t.mouth.busy() {
		return // noise beside a prompt
	}
	switch t.unheard++; {
	case t.unheard == 1:
		t.say(ctx, t.words().again)
	case t.unheard == 2:
		t.say(ctx, t.words().useKeys)
		t.give(task{in: bot.Inbound{Event: bot.EventDigits, EventKey: "*", ByLine: true}}) // the question, with its keys
	default:
		t.unheard = 0
		t.give(task{in: bot.Inbound{Event: bot.EventDigits, EventKey: "0", ByLine: true}})
	}
}

// hums are sounds that people make while they listen.
var hums = map[string]bool{"嗯": true, "啊": true, "哦": true, "呃": true, "额": true, "唔": true, "噢": true, "诶": true, "uh": true, "um": true, "hm": true}

// isNoise says whether nothing was said: no words, or a hum.
func isNoise(text string) bool {
	word := strings.Trim(strings.ToLower(text), " ，。、！？…,.!?~")
	return word == "" || hums[word] || strings.Trim(word, "嗯啊哦呃额唔噢") == ""
}

// Words by which callers wish for another voice.
var (
	cantoneseWords = []string{"粤语", "粵語", "广东话", "廣東話", "白话", "白話", "cantonese"}
	mandarinWords  = []string{"普通话", "普通話", "国语", "國語", "mandarin"}
	englishWords   = []string{"英语", "英文", "english"}
	slowWords      = []string{"慢一点", "慢点", "慢一些", "慢啲", "太快", "说慢", "讲慢", "slower", "slowly"}
	loudWords      = []string{"大声", "大聲", "声音大", "声音小", "太小声", "声音太小", "细声", "听不见", "听不到", "听不清", "听唔到", "听唔清", "louder"}
	elderWords     = []string{"长者模式", "老人模式", "长者版", "老年模式"}
	// courtesy is what else may stand beside them; with any other word it is an
	// errand that the engine hears.
	courtesy = []string{"please", "speak", "in", "can", "you", "could", "talk", "我", "你", "您", "想", "要", "请", "麻烦", "唔该", "用", "讲", "講", "说", "話", "话", "跟", "同", "转", "换", "改", "成", "到",
		"能", "可以", "可", "会", "得", "不", "唔", "太", "小", "有", "一点", "点", "啲", "些", "一", "下", "再", "了", "嘅", "的", "吗", "吧", "啊", "呀", "好", "嗯", "哎", "喂", "声", "声音", "个", "那", "就", "老人家"}
)

// isVoiceWish says whether words are about nothing but how we are to speak.
func isVoiceWish(text string) bool {
	rest := strings.ToLower(text)
	wished := false
	for _, words := range [][]string{cantoneseWords, mandarinWords, englishWords, slowWords, loudWords, elderWords} {
		for _, w := range words {
			wished = wished || strings.Contains(rest, w)
			rest = strings.ReplaceAll(rest, w, " ")
		}
	}
	for _, w := range courtesy {
		rest = strings.ReplaceAll(rest, w, " ")
	}
	return wished && strings.Trim(rest, " ，。、！？…,.!?~") == ""
}

// adopt speaks from now on as the caller wishes, and says the question again.
func (t *talk) adopt(ctx context.Context, text string) {
	t.cut = nil // it is said again
	t.noteFor(ctx, botName, "市民说："+text)
	text = strings.ToLower(text)
	switch {
	case hasAny(text, cantoneseWords...):
		t.manner.Language = speech.Cantonese
	case hasAny(text, mandarinWords...):
		t.manner.Language = speech.Mandarin
	case hasAny(text, englishWords...):
		t.manner.Language = speech.English
	}
	if hasAny(text, slowWords...) {
		t.manner.Slow = true
	}
	if hasAny(text, loudWords...) {
		t.louder(loudGain)
	}
	if hasAny(text, elderWords...) {
		t.elders()
	}
	t.resettle(ctx)
}

// elders is speech that is slower and louder.
func (t *talk) elders() {
	t.manner.Slow = true
	t.louder(loudGain)
}

// noteInterruption leaves word of what a caller who spoke up did not hear.
func (t *talk) noteInterruption() {
	cut := t.cut
	citizen := t.citizen
	t.cut = nil
	if len(cut) == 0 {
		return
	}
	t.owned.Go(func() {
		ctx, stop := context.WithTimeout(context.Background(), t.line.Times.Answer)
		defer stop()
		t.noteCut(ctx, citizen, "市民打断", cut)
	})
}

func hasAny(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
