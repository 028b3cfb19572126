package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"guanjia/bot/bottest/browser"
)

// TestADayInTheHall lets a citizen book on a page, a clerk check them in on the
// hall's page and call them, the screen show the number and nobody's name, the
// citizen say on their page how it was, and the hall read it; all agree at
// every step.
func TestADayInTheHall(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	b := browser.Start(t)
	guest := visitor{b.Tab(t)}
	guest.Open(d.public + "/h5/book/residence-permit/humen/2026-11-24/11:00")
	guest.signIn("13812345678", "确认预约")
	guest.fill("name", "欧阳慕容")
	guest.fill("phone", "13812345678")
	guest.goes("确认预约", "约好了")
	booked := d.list("appointments")
	if len(booked) != 1 {
		t.Fatalf("booked: %v", booked)
	}
	number := booked[0]["number"].(string)
	if r := guanjia(t, theirPassword+"\n", "--data", d.dir, "staff", "add", "小叶", "--role", "hall", "--town", "humen", "--password"); r.status != 0 {
		t.Fatal(r.err)
	}
	if r := guanjia(t, theirPassword+"\n", "--data", d.dir, "staff", "add", "小错", "--role", "hall", "--town", "nowhere", "--password"); r.status != 2 {
		t.Errorf("a clerk of no hall: %+v", r)
	}
	clerk := visitor{b.Tab(t)}
	clerk.Window(1280, 800)
	clerk.Open(d.inner)
	operator(clerk).signIn("小叶")
	clerk.on("虎门镇政务服务中心")
	checkIn := func(want string) {
		t.Helper()
		clerk.fill("number", strings.ToLower(number[:4])+" "+number[4:])
		clerk.Press(browser.Enter)
		clerk.Until(`document.querySelector(".said, .wrong")?.textContent.includes("` + want + `")`)
	}
	checkIn("起可以取")
	for range 2 { // looked at now and then, so that the session holds
		w.turn(20 * time.Minute)
		clerk.Open(d.inner + "/hall/humen")
	}
	checkIn("取号成功：A001")
	looks(t, clerk.Tab, "hall-day", 320, 1280)
	if got := d.list("appointments")[0]["status"]; got != "checked_in" {
		t.Errorf("after checking in it is %v", got)
	}
	clerk.fill("window", "3")
	clerk.goes("叫下一位", "虎门镇政务服务中心")
	clerk.Until(`document.querySelector(".number strong").textContent === "A001"`)
	clerk.Until(`document.activeElement.getAttribute("aria-label") === "A001 办完"`) // the next key ends it
	screen := visitor{clerk.Another()}
	screen.Open(d.inner + "/hall/humen/screen")
	screen.Until(`document.querySelector(".called").textContent.includes("A001")`)
	if text := browser.Eval[string](screen.Tab, `document.body.innerText`); strings.Contains(text, "欧") || strings.Contains(text, "138") {
		t.Errorf("the screen names people: %q", text)
	}
	looks(t, screen.Tab, "hall-screen", 1280)
	clerk.Open(d.inner + "/hall/humen")
	clerk.goes("A001 办完", "虎门镇政务服务中心")
	clerk.Until(`document.querySelector(".said")?.textContent.includes("办完")`)
	if got := d.list("appointments")[0]["status"]; got != "served" {
		t.Errorf("after serving it is %v", got)
	}
	clerk.goes("取现场号：广东省居住证申领", "虎门镇政务服务中心")
	clerk.Until(`document.querySelector(".waiting strong")?.textContent === "B001" && document.querySelector(".said")?.textContent.includes("B001，广东省居住证申领")`)
	clerk.goes("叫下一位", "虎门镇政务服务中心")
	clerk.Until(`document.querySelector(".number strong")?.textContent === "B001"`)
	clerk.goes("B001 办完", "虎门镇政务服务中心")
	clerk.Until(`document.querySelector(".counts").textContent.includes("办完2 现场 1")`)
	guest.Open(d.public + "/h5/mine/" + number)
	guest.goes("提交评价", "请看一看")
	looks(t, guest.Tab, "h5-rate", 320)
	browser.Eval[bool](guest.Tab, `document.querySelector("[name=stars][value='4']").click() === undefined`)
	guest.fill("words", "窗口的人讲得很清楚")
	guest.goes("提交评价", "预约 "+number)
	guest.Until(`document.body.innerText.includes("您评了 4 分")`)
	clerk.Open(d.inner + "/hall/humen")
	clerk.Until(`document.querySelector(".opinions").textContent.includes("窗口的人讲得很清楚") && document.querySelector("tbody").textContent.includes("已办完 · 4 分")`)
	looks(t, clerk.Tab, "hall-day-done", 320, 1280)
	c := newClient(t, d.inner)
	c.signIn("小叶", theirPassword)
	for query, want := range map[string]bool{"": true, "state=served": true, "state=booked": false, "part=am": true, "part=pm": false, "words=居住证": true, "words=" + strings.ToLower(number): true, "words=欧阳": false, "words=1381": false} {
		if got := strings.Contains(c.get("/hall/humen?"+query).text, "<td>"+number+"</td>"); got != want {
			t.Errorf("the list filtered by %q has the appointment: %t", query, got)
		}
	}
	must(t, c.form("/hall/humen/sieves", "name", "没到的", "query", "state=booked&evil=1"), 303)
	clerk.Open(d.inner + "/hall/humen")
	clerk.goes("没到的", "虎门镇政务服务中心")
	clerk.Until(`document.body.innerText.includes("没有对得上的预约") && !document.documentElement.innerHTML.includes("evil")`)
	looks(t, clerk.Tab, "hall-day-sieve", 320, 1280)
	must(t, c.form("/hall/humen/sieves", "name", "没到的"), 303)
	if strings.Contains(c.get("/hall/humen").text, "没到的") {
		t.Error("the filter stays")
	}
	must(t, c.form("/hall/humen/walkin", "service", "residence-permit"), 303)
	must(t, c.form("/hall/humen/call", "window", "4"), 303)
	arrival := regexp.MustCompile(`/hall/humen/arrival/\d+/`)
	must(t, c.form(arrival.FindString(c.get("/hall/humen").text)+"gone"), 303)
	must(t, c.form(arrival.FindString(c.get("/hall/humen").text)+"back"), 303)
	if got := c.get("/hall/humen"); !strings.Contains(got.text, "人回来了，接着等：B002") || strings.Contains(got.text, "<h2>过号</h2>") {
		t.Errorf("who came back after being called in vain does not wait again:\n%s", got.text)
	}
	if got := c.get("/hall/humen/day.xlsx"); got.status != 200 || !strings.HasPrefix(got.text, "PK") {
		t.Errorf("the day as an Excel file: %d, %.20q", got.status, got.text)
	}
	for _, path := range []string{"/hall/city", "/hall/board", "/hall/rules", "/hall/appeals", "/hall/calendar", "/hall/release", "/hall/services", "/hall/city/edit", "/hall/city/screen"} {
		clerk.Open(d.inner + path)
		clerk.Until(`!document.body.innerText.includes("取号") && (document.body.innerText.includes("没有这个大厅") || document.body.innerText.includes("只有预约管理员"))`)
	}
}

// TestTheRulesAreShownFirst changes a rule and closes a hall, each after its
// effect was shown.
func TestTheRulesAreShownFirst(t *testing.T) {
	w := newWheel(tuesday())
	d := serve(t, w.now)
	d.speak("wechat", "c1", "我想预约办居住证", "虎门", "11月26日", "11:00", "陈小明", "13812345678", "确认")
	admin := visitor{browser.Start(t).Tab(t)}
	admin.Window(1280, 800)
	admin.Open(d.inner)
	operator(admin).signInAs("admin", d.admin)
	admin.Until(`location.pathname === "/desk/"`)
	admin.Open(d.inner + "/hall/rules")
	admin.on("预约规则")
	admin.fill("active", "0")
	admin.goes("先看影响", "预约规则")
	admin.Until(`document.querySelector(".wrong")`)
	admin.fill("active", "2")
	admin.goes("先看影响", "预约规则")
	admin.Until(`document.querySelector(".changes").textContent.includes("最多同时几个预约")`)
	looks(t, admin.Tab, "hall-rules", 320, 1280)
	admin.fill("reason", "年底人多")
	admin.goes("生效", "预约规则")
	admin.Until(`document.querySelector(".said")?.textContent.includes("已经生效") && document.getElementById("active").value === "2"`)
	admin.Open(d.inner + "/hall/appeals")
	admin.on("停约申诉")
	admin.fill("number", d.list("appointments")[0]["number"].(string))
	admin.fill("reason", "残疾人证已核对")
	admin.goes("豁免", "停约申诉")
	admin.Until(`document.querySelector(".said")?.textContent.includes("已经豁免")`)
	looks(t, admin.Tab, "hall-appeals", 320, 1280)
	admin.Open(d.inner + "/hall/board")
	admin.on("各大厅约了多少")
	admin.Until(`document.querySelector("thead").textContent.includes("满意度") && document.querySelector(".opinions")`)
	looks(t, admin.Tab, "hall-board", 320, 1280)
	fill := func(form, values string) {
		t.Helper()
		browser.Eval[bool](admin.Tab, fmt.Sprintf(`((f, v) => { for (const k in v) f.elements[k].value = v[k]; f.requestSubmit(); })(document.querySelector(%q), %s) === undefined`, "form[action='"+form+"']", values))
	}
	mean := func(reason, heading string) {
		t.Helper()
		admin.fill("why", reason)
		admin.goes("生效", heading)
		admin.Until(`document.querySelector(".said")`)
	}
	fill("/hall/closures", `{hall: "humen", from: "2026-11-26", start: "10:00", end: "12:00", told: "停电检修"}`)
	admin.on("停办")
	admin.Until(`document.querySelector(".facts").textContent.includes("1 人已经约在里面")`)
	looks(t, admin.Tab, "hall-change", 320, 1280)
	mean("供电局通知", "各大厅约了多少")
	admin.Until(`document.querySelector(".closures").textContent.includes("停电检修")`)
	admin.goes("恢复办理", "各大厅约了多少")
	admin.Until(`!document.querySelector(".closures")`)

	admin.Open(d.inner + "/hall/calendar")
	admin.on("开放时间")
	admin.Until(`document.querySelector(".wrong").textContent.includes("2027 年的放假和调休表")`)
	looks(t, admin.Tab, "hall-calendar", 320, 1280)
	year := func(days string) {
		t.Helper()
		browser.Eval[bool](admin.Tab, fmt.Sprintf(`(f => { f.elements.days.value = %q; f.requestSubmit(); })([...document.querySelectorAll("form[action='/hall/calendar/year']")].at(-1)) === undefined`, days))
	}
	year("2027-01-01 休 元旦\n2027-02-30 休 春节")
	admin.Until(`[...document.querySelectorAll(".wrong")].some(e => e.textContent.includes("第 2 行"))`)
	year("2027-01-01 休 元旦\n2027-01-03 班 元旦")
	admin.on("2027 年放假和调休")
	mean("国务院办公厅通知", "开放时间")
	admin.Until(`!document.querySelector(".wrong") && document.querySelector("textarea[id=days2027]").value.includes("2027-01-03 班 元旦")`)
	fill("/hall/calendar/day", `{date: "2026-11-28", hall: "humen", open: "yes", name: "周末便民"}`)
	admin.on("这一天开")
	admin.Until(`document.querySelector(".facts").textContent.includes("马上多出")`)
	mean("市里部署", "开放时间")
	admin.Until(`document.querySelector(".closures").textContent.includes("周末便民")`)
	open := 0
	for _, o := range d.list("openings") {
		if o["date"] == "2026-11-28" && o["hall_id"] == "humen" {
			open++
		}
	}
	if open == 0 {
		t.Error("the Saturday that was opened has no openings")
	}
	browser.Eval[bool](admin.Tab, `document.querySelector("[name=weekday][value='6']").click() === undefined`)
	fill("/hall/calendar/period", `{hall: "changan", business: "居住证", time: "09:30", capacity: "4"}`)
	admin.on("是哪一项业务")
	looks(t, admin.Tab, "hall-which", 320, 1280)
	browser.Eval[bool](admin.Tab, `document.querySelector("button[value=residence-permit]").click() === undefined`)
	admin.on("改时段和号数")
	mean("周六延时", "开放时间")
	admin.Until(`document.querySelector("tbody").textContent.includes("周六")`)
	looks(t, admin.Tab, "hall-calendar-full", 320)
	admin.goes("删去", "删去这条安排")
	mean("试完了", "开放时间")
	admin.Until(`!document.querySelector("tbody")`)

	admin.Open(d.inner + "/hall/humen/edit")
	fill("/hall/humen/edit", `{address: "虎门镇连升路", lat: "22.82", lng: "113.67"}`)
	admin.on("改大厅资料")
	mean("补地址", "虎门镇政务服务中心")
	admin.Until(`document.getElementById("address").value === "虎门镇连升路"`)
	looks(t, admin.Tab, "hall-edit", 320, 1280)
	admin.goes("加一个窗口", "加窗口")
	admin.fill("number", "A3")
	admin.fill("q", "居住证")
	admin.goes("找", "加窗口")
	admin.Until(`document.getElementById("number").value === "A3" && document.querySelectorAll("[name=group]").length < 5`)
	browser.Eval[bool](admin.Tab, `document.querySelector("[value=residence-permit]").click() === undefined`)
	looks(t, admin.Tab, "hall-window", 320, 1280)
	admin.goes("先看影响", "加窗口")
	admin.Until(`document.querySelector(".facts")`)
	mean("新开窗口", "虎门镇政务服务中心")
	admin.Until(`document.querySelector("main .halls").textContent.includes("A3") && document.querySelector("main .halls").textContent.includes("居住证")`)
	founds(t, d, admin, mean)

	admin.Open(d.inner + "/hall/services?q=居住证")
	looks(t, admin.Tab, "hall-services", 320)
	admin.goes("居住证", "居住证")
	admin.fill("max_places", "1")
	browser.Eval[bool](admin.Tab, `document.getElementById("max_places").form.requestSubmit() === undefined`)
	admin.Until(`document.querySelector(".changes").textContent.includes("一个预约最多几人")`)
	looks(t, admin.Tab, "hall-service", 320, 1280)
	admin.fill("reason", "一人一办")
	admin.goes("生效", "居住证")
	admin.Until(`document.querySelector(".said")?.textContent.includes("规则已经生效") && document.getElementById("max_places").value === "1"`)
	admin.Open(d.inner + "/hall/rules")
	admin.Until(`document.body.innerText.includes("另有规则的业务") && document.getElementById("max_places").value === "5"`)
	admin.Open(d.inner + "/hall/release")
	admin.on("放号动态调整")
	fill("/hall/release", `{mode: "propose", reason: "先看建议"}`)
	admin.Until(`document.querySelector(".said")?.textContent.includes("已经改好") && document.getElementById("mode").value === "propose"`)
	decidesMany(t, d, w, admin, mean)
	if r := guanjia(t, "", "--data", d.dir, "audit", "verify"); r.status != 0 {
		t.Errorf("audit verify: %+v", r)
	}
}

// decidesMany carries out what the dynamic release proposes for one hall by one
// decision, and takes it back.
func decidesMany(t *testing.T, d *running, w *wheel, admin visitor, mean func(reason, heading string)) {
	t.Helper()
	free := func() (n float64) {
		for _, o := range d.list("openings") {
			if o["hall_id"] == "changan" && o["service_id"] == "residence-permit" {
				n += o["remaining"].(float64)
			}
		}
		return n
	}
	before := free()
	w.turn(11 * time.Minute)
	eventually(t, "proposals", func() bool {
		admin.Open(d.inner + "/hall/release?kind=less&hall=changan&business=居住证")
		return browser.Eval[bool](admin.Tab, `!!document.querySelector(".paper")`)
	})
	looks(t, admin.Tab, "hall-release", 320, 1280)
	admin.goes("全部执行", "执行这些建议")
	admin.Until(`document.querySelector(".facts").textContent.includes("暂留，长安") && document.querySelector(".facts").textContent.includes("暂留 ")`)
	looks(t, admin.Tab, "hall-release-many", 320)
	mean("年底是淡季", "放号动态调整")
	admin.Until(`document.querySelector(".said").textContent.includes("已经执行") && !document.querySelector(".paper")`)
	if got := free(); got >= before {
		t.Errorf("%v places are free after some were kept back of %v", got, before)
	}
	admin.goes("整批撤回", "放号动态调整")
	admin.Until(`document.querySelector(".said")?.textContent.includes("整批撤回了")`)
	if got := free(); got != before {
		t.Errorf("taken back, %v places are free of %v", got, before)
	}
}

// founds opens a hall, a department and a service on the pages, and ends them.
func founds(t *testing.T, d *running, admin visitor, mean func(reason, heading string)) {
	t.Helper()
	admin.Open(d.inner + "/hall/new")
	admin.on("新开大厅")
	admin.fill("id", "humen")
	admin.fill("name", "虎门二厅")
	admin.goes("先看影响", "新开大厅")
	admin.Until(`document.querySelector(".wrong")?.textContent.includes("已经有了") && document.getElementById("name").value === "虎门二厅"`)
	looks(t, admin.Tab, "hall-new", 320, 1280)
	admin.fill("id", "humen-2")
	admin.goes("先看影响", "新开大厅")
	admin.Until(`document.querySelector(".facts")?.textContent.includes("马上多出")`)
	mean("分厅开张", "选一个大厅")
	admin.goes("虎门二厅", "虎门二厅")
	admin.goes("资料和窗口", "虎门二厅")
	admin.goes("停用：先看影响", "停用大厅")
	mean("试运行结束", "虎门二厅")
	admin.Until(`document.querySelector(".wrong")?.textContent.includes("已经停用")`)

	admin.Open(d.inner + "/hall/departments")
	admin.fill("name", "民政局")
	admin.goes("先看影响", "新部门")
	mean("进驻", "部门")
	looks(t, admin.Tab, "hall-departments", 320, 1280)
	admin.Open(d.inner + "/hall/services/new")
	admin.fill("title", "收养登记")
	admin.fill("id", "adoption")
	admin.fill("department", "民政局")
	browser.Eval[bool](admin.Tab, `document.querySelector("[name=hall][value=humen]").click() === undefined`)
	looks(t, admin.Tab, "hall-new-service", 320, 1280)
	admin.goes("先看影响", "新业务")
	admin.Until(`document.querySelector(".facts")`)
	admin.Until(`document.querySelector(".facts").textContent.includes("1 个大厅：虎门") && document.querySelector(".facts").textContent.includes("马上多出")`)
	mean("民政局进驻", "业务")
	halls := map[any]bool{}
	for _, o := range d.list("openings") {
		if o["service_id"] == "adoption" {
			halls[o["hall_id"]] = true
		}
	}
	if len(halls) != 1 || !halls["humen"] {
		t.Errorf("the new service is offered at %v", halls)
	}
	admin.Open(d.inner + "/hall/services/adoption/edit")
	admin.goes("停办：先看影响", "停办业务")
	mean("改到线上", "收养登记")
	admin.Open(d.public + "/h5/book?q=收养登记")
	admin.Until(`document.querySelector("main") && !document.querySelector("a[href*=adoption]")`)
}
