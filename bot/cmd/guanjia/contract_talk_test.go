package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The conversation's side of the contract: events, decisions, handling,
// wishes, time limits, rules.

// say is a line of input for citizen c1.
func say(texts ...string) []string {
	lines := make([]string, len(texts))
	for i, t := range texts {
		lines[i] = fmt.Sprintf(`{"text":%q}`, t)
	}
	return lines
}

// menu are lines of input that press keys of the menu.
func menu(keys ...string) []string {
	lines := make([]string, len(keys))
	for i, key := range keys {
		lines[i] = `{"event":"menu:` + key + `"}`
	}
	return lines
}

// by has another citizen say the lines, perhaps on another channel.
func by(extra string, lines ...string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimSuffix(l, "}") + "," + extra + "}"
	}
	return out
}

func slotsOf(o object) map[string]any { return trace(o)["slots"].(map[string]any) }

func options(o object) []string {
	list, _ := o["replies"].([]any)
	if len(list) == 0 {
		return nil
	}
	var out []string
	for _, v := range list[len(list)-1].(map[string]any)["options"].([]any) {
		out = append(out, v.(string))
	}
	return out
}

func TestChatDigits(t *testing.T) {
	phone := `"channel":"phone"`
	input := append(by(phone, say("预约虎门办居住证 后天下午三点", "张三")...), by(phone,
		`{"event":"dtmf:13"}`, `{"event":"dtmf:0"}`, `{"event":"dtmf:80013800"}`, // 0 is a digit here; eleven complete it
		`{"event":"dtmf:3"}`, // the third option: cancel
		`{"event":"dtmf:0"}`)...)
	got := talk(t, "", input...)
	for i := 2; i <= 3; i++ {
		if _, n := replies(got[i]); n != 0 || got[i]["handling"] != "bot" {
			t.Errorf("line %d: digits in between were answered %v", i, got[i])
		}
	}
	if slotsOf(got[4])["phone"] != "13080013800" {
		t.Errorf("phone is %v", slotsOf(got[4])["phone"])
	}
	if text, _ := replies(got[5]); !strings.Contains(text, "没有提交") {
		t.Errorf("3 chose %s", text)
	}
	if got[6]["handling"] != "queued" {
		t.Errorf("0 is %v", got[6]["handling"])
	}
	hash := talk(t, "", append(by(phone, say("预约虎门办居住证 后天下午三点", "张三")...), by(phone, `{"event":"dtmf:138#"}`, `{"event":"dtmf:13800138000#"}`)...)...)
	if slotsOf(hash[2])["phone"] != nil {
		t.Error("# made three digits a phone number")
	}
	if slotsOf(hash[3])["phone"] != "13800138000" {
		t.Errorf("with #: %v", slotsOf(hash[3]))
	}
	if zero := talk(t, "", append(by(phone, say("预约虎门办居住证 后天下午三点", "张三")...), by(phone, `{"event":"dtmf:0"}`)...)...); zero[2]["handling"] != "queued" {
		t.Errorf("0 before any digit of the number is %v", zero[2]["handling"])
	}
}

func TestChatDecisions(t *testing.T) {
	decisions := map[string]string{
		"我想预约办居住证": "accept", "社保": "clarify", "居住证": "clarify", "预约办身份证": "clarify",
		"我家着火了": "emergency", "火星上的房价会跌吗": "abstain", "今天几号股票会涨": "abstain",
	}
	intents := map[string]string{"火星上的房价会跌吗": "out_of_scope", "我家着火了": "emergency"}
	texts := slices.Sorted(maps.Keys(decisions))
	for i, o := range apart(t, say(texts...)...) {
		text, want := texts[i], decisions[texts[i]]
		if got := trace(o)["decision"]; got != want {
			text2, _ := replies(o)
			t.Errorf("%s: decision %v, not %s (%s)", text, got, want, text2)
		}
		if want == "clarify" && (len(options(o)) < 2 || len(options(o)) > 4) {
			t.Errorf("%s: options %v", text, options(o))
		}
		if _, isNumber := trace(o)["score"].(float64); !isNumber {
			t.Errorf("%s: score is %v", text, trace(o)["score"])
		}
		if intent := intents[text]; intent != "" && trace(o)["intent"] != intent {
			t.Errorf("%s: intent %v", text, trace(o)["intent"])
		}
	}
}

func TestChatMenuStartsItsIntent(t *testing.T) {
	flows := map[string]string{
		"book": "book_appointment", "mine": "check_appointment", "help": "request_help", "report": "file_report",
		"progress": "check_request", "claim": "claim_wish",
	}
	keys := slices.Sorted(maps.Keys(flows))
	for i, o := range apart(t, menu(keys...)...) {
		if flow := flows[keys[i]]; trace(o)["flow"] != flow || trace(o)["intent"] != flow {
			t.Errorf("menu:%s: flow %v, intent %v", keys[i], trace(o)["flow"], trace(o)["intent"])
		}
	}
	intents := map[string]string{"procedure": "ask_procedure", "policy": "ask_policy", "health": "health_code", "operator": "talk_to_operator"}
	keys = slices.Sorted(maps.Keys(intents))
	for i, o := range apart(t, menu(keys...)...) {
		if trace(o)["intent"] != intents[keys[i]] {
			t.Errorf("menu:%s: intent %v", keys[i], trace(o)["intent"])
		}
	}
}

func TestChatQueuesOnceAndGoesOn(t *testing.T) {
	got := talk(t, "", append(say("转人工", "居住证要带什么材料", "转人工"), by(`"citizen":"c2"`, say("转人工")...)...)...)
	first, _ := replies(got[0])
	second, _ := replies(got[1])
	if got[0]["handling"] != "queued" || !strings.Contains(first, "下一位") {
		t.Errorf("queued: %v %s", got[0]["handling"], first)
	}
	if got[1]["handling"] != "queued" || strings.Contains(second, "下一位") || !strings.Contains(second, "身份证") {
		t.Errorf("while queued: %v %s", got[1]["handling"], second)
	}
	if other, _ := replies(got[3]); !strings.Contains(other, "1 位") {
		t.Errorf("the second in line hears %s", other)
	}
}

func TestChatEmergencyIsFirstInLine(t *testing.T) {
	data := t.TempDir()
	got := talk(t, data, append(say("转人工"), append(by(`"citizen":"c2"`, say("我不想活了")...), by(`"citizen":"c3"`, say("转人工")...)...)...)...)
	if got[1]["handling"] != "queued" {
		t.Errorf("handling %v", got[1]["handling"])
	}
	if text, _ := replies(got[1]); !strings.Contains(text, "12356") {
		t.Errorf("said %s", text)
	}
	if text, _ := replies(got[2]); !strings.Contains(text, "2 位") {
		t.Errorf("the third in line hears %s", text)
	}
	rows := lines(t, guanjia(t, "", "list", "handoffs", "--json", "--data", data))
	if len(rows) != 3 || rows[0]["reason"] != "emergency" || rows[0]["status"] != "waiting" || rows[0]["conversation"] != rows[0]["citizen"] {
		t.Errorf("handoffs %v", rows)
	}
}

func TestProactiveGoesToItsCitizen(t *testing.T) {
	got := talk(t, "", append(bookingLines(), `{"advance":"29h"}`, `{"advance":"22h","citizen":"c2","text":"你好"}`)...)
	own := got[5]["replies"].([]any)[0].(map[string]any)
	if own["proactive"] != true || own["citizen"] != nil {
		t.Errorf("to the citizen of the line: %v", own)
	}
	other := got[6]["replies"].([]any)[0].(map[string]any)
	if other["proactive"] != true || other["citizen"] != "c1" {
		t.Errorf("to another: %v", other)
	}
}

func TestTimeLimits(t *testing.T) {
	data := t.TempDir()
	var input []string
	for i, story := range []string{"我要投诉楼下烧烤店半夜太吵，在南城", "我要举报工厂偷排污水，在麻涌", "建议在厚街万达门口加个红绿灯", "我要表扬厚街政务大厅的小陈服务好"} {
		input = append(input, by(fmt.Sprintf(`"citizen":"c%d"`, i+1), say(story, "跳过", "匿名", "确认")...)...)
	}
	input = append(input, by(`"citizen":"c9"`, say("家里断粮了两天没吃饭，厚街，我叫王芳，电话13800138000", "跳过", "确认")...)...)
	talk(t, data, input...)
	due := map[string]string{
		"投诉": "2026-12-15T23:59:59+08:00", "举报": "2026-12-15T23:59:59+08:00", "建议": "2026-12-08T23:59:59+08:00", "求助": "2026-12-01T23:59:59+08:00",
	}
	seen := map[string]bool{}
	for _, row := range lines(t, guanjia(t, "", "list", "tickets", "--json", "--data", data)) {
		kind := row["type"].(string)
		seen[kind] = true
		if want := due[kind]; want != "" && row["due_at"] != want {
			t.Errorf("%s is due at %v, not %s", kind, row["due_at"], want)
		}
		if row["created_at"] != testNow || row["status"] != "accepted" || !regexp.MustCompile(`^DG20261124\d{5}$`).MatchString(row["number"].(string)) {
			t.Errorf("row %v", row)
		}
		if want := map[bool]string{true: "help", false: "report"}[kind == "求助"]; row["kind"] != want {
			t.Errorf("%s is of kind %v", kind, row["kind"])
		}
		if kind != "求助" && (row["phone"] != "" || row["name"] != "") {
			t.Errorf("an anonymous report keeps %v %v", row["name"], row["phone"])
		}
	}
	for _, kind := range []string{"投诉", "举报", "建议", "表扬", "求助"} {
		if !seen[kind] {
			t.Errorf("no ticket of type %s", kind)
		}
	}
}

func TestWishes(t *testing.T) {
	data := t.TempDir()
	talk(t, data, say("我妈腿脚不便想要一台轮椅，大概800元", "寮步", "西溪村12号", "陈小姐", "13800138000", "确认")...)
	r := guanjia(t, "", "list", "wishes", "--json", "--data", data)
	if got := orderedKeys(t, strings.TrimSpace(r.out)); got != "number town category text amount status claimed_by" {
		t.Errorf("keys %s", got)
	}
	wish := lines(t, r)[0]
	ticket := lines(t, guanjia(t, "", "list", "tickets", "--json", "--data", data))[0]
	if wish["number"] != ticket["number"] || wish["town"] != "liaobu" || wish["amount"] != 800.0 || wish["status"] != "open" || wish["claimed_by"] != "" {
		t.Errorf("wish %v", wish)
	}
	for _, secret := range []string{"陈", "138", "西溪", "我妈", "腿脚"} {
		if strings.Contains(r.out, secret) {
			t.Errorf("the public list shows %s: %s", secret, r.out)
		}
	}
	talk(t, data, by(`"citizen":"c2"`, say("我想认领一个微心愿", "1", "爱心公司", "13900139000", "确认")...)...)
	wish = lines(t, guanjia(t, "", "list", "wishes", "--json", "--data", data))[0]
	if wish["status"] != "claimed" || wish["claimed_by"] != "c2" {
		t.Errorf("after claiming %v", wish)
	}
}

func TestBookingRulesOfTheDemo(t *testing.T) {
	data := t.TempDir()
	lead := say("预约后天下午三点虎门办居住证，我叫张三，电话13800138000", "确认", "再约后天四点虎门居住证", "算了",
		"约周五上午九点虎门居住证", "确认", "约周一上午九点虎门居住证", "确认", "约12月1日上午九点虎门居住证")
	got := talk(t, data, lead...)
	if text, _ := replies(got[2]); !strings.Contains(text, "一天只能约一个") {
		t.Errorf("second of a service and day: %s", text)
	}
	if text, _ := replies(got[8]); !strings.Contains(text, "最多同时 3 个") {
		t.Errorf("fourth active: %s", text)
	}
	if rows := lines(t, guanjia(t, "", "list", "appointments", "--json", "--data", data)); len(rows) != 3 {
		t.Errorf("%d appointments", len(rows))
	}
	late := talk(t, "", append(say("预约今天下午两点虎门办居住证，我叫张三，电话13800138000", "确认"), `{"advance":"2h30m","text":"取消预约"}`)...)
	if text, _ := replies(late[2]); !strings.Contains(text, "2 小时") {
		t.Errorf("ninety minutes before: %s", text)
	}
	early := talk(t, "", append(say("预约今天下午两点虎门办居住证，我叫张三，电话13800138000", "确认"), `{"advance":"1h30m","text":"取消预约"}`, `{"text":"确认取消"}`)...)
	if text, _ := replies(early[3]); !strings.Contains(text, "已取消") {
		t.Errorf("two and a half hours before: %s", text)
	}
}

func TestReleaseAtNine(t *testing.T) {
	input := strings.Join(append(say("预约12月1日虎门办居住证"), `{"advance":"31m","text":"12月1日"}`), "\n") + "\n"
	got := lines(t, guanjia(t, input, "chat", "--json", "--now", "2026-11-24T08:30:00+08:00"))
	if text, _ := replies(got[0]); slotsOf(got[0])["date"] != nil || !strings.Contains(text, "09:00") {
		t.Errorf("before nine: %s", text)
	}
	if slotsOf(got[1])["date"] != "2026-12-01" {
		t.Errorf("after nine: %v", slotsOf(got[1]))
	}
}

func TestNumbersShowNothingAlone(t *testing.T) {
	data := t.TempDir()
	talk(t, data, bookingLines()...)
	number := lines(t, guanjia(t, "", "list", "appointments", "--json", "--data", data))[0]["number"].(string)
	got := talk(t, data, by(`"citizen":"c2"`, say("查一下预约"+number, "1234", "8000")...)...)
	for i := range 2 {
		if text, _ := replies(got[i]); strings.Contains(text, "15:00") || strings.Contains(text, "张三") {
			t.Errorf("line %d shows %s", i, text)
		}
	}
	if text, _ := replies(got[2]); !strings.Contains(text, "15:00") {
		t.Errorf("with the last four digits: %s", text)
	}
	wrong := number[:len(number)-1] + string('0'+(number[len(number)-1]-'0'+1)%10)
	if text, _ := replies(talk(t, "", say("查一下预约"+wrong)...)[0]); !strings.Contains(text, "打错") {
		t.Errorf("a wrong check digit: %s", text)
	}
}

// TestOnlyAYesCommits says many things to a summary: what is a yes books, and
// nothing else does.
func TestOnlyAYesCommits(t *testing.T) {
	yes := []string{"是", "对", "好", "确认", "确定", "可以", "行", "没问题", "好的确认", "嗯", "就这样", "提交", "OK", "yes", "对的没错", "好，就这个",
		"没错，提交吧", "确认预约", "好的谢谢", "行，约吧", "系", "得", "啱", "冇问题", "可以，帮我约吧", "對，就是這樣", "yes please", "Confirm.", "确认！", "信息没错", "没有问题"}
	no := []string{"不", "不对", "不是", "不行", "等等", "再想想", "我再看看", "算了", "取消", "不确认", "别提交", "有问题", "错了", "好像不对", "不太对", "可以改吗",
		"可以取消吗", "能确认吗", "怎么确认", "确认什么", "为什么要确认", "确认之后能改吗", "好贵", "好远啊", "行不通", "对不起", "可以不约吗", "是吗", "好吗", "可是我没空",
		"yesterday", "okinawa", "not yet", "hold on", "好的，等我想想", "可以，不过我要先问问家里人", "没问题吧", "要带什么材料", "你好", "谢谢", ""}
	halls := strings.Fields("虎门 长安 厚街 寮步 大朗 塘厦 清溪 凤岗 常平 石龙 茶山 石排")
	var input []string
	for i, words := range append(yes, no...) {
		who := fmt.Sprintf(`"citizen":"p%d"`, i)
		book := fmt.Sprintf("预约后天下午三点%s办居住证，我叫张三，电话138%08d", halls[i%len(halls)], i)
		input = append(input, by(who, say(book, words)...)...)
	}
	got := talk(t, "", input...)
	for i, words := range append(yes, no...) {
		text, _ := replies(got[2*i+1])
		done := regexp.MustCompile(`YY261124\d{4}`).MatchString(text)
		if want := i < len(yes); done != want {
			t.Errorf("%q: booked %v (%s)", words, done, text)
		}
	}
}
