package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/channels/desk"
)

// lateBackup is after how long without a backup one is missed: they are made
// daily.
const lateBackup = 36 * time.Hour

// state is how the installation stands, for the administrators' page.
func (s *service) state(ctx context.Context) (desk.State, error) {
	keys, err := s.keysNow(ctx)
	if err != nil {
		return desk.State{}, err
	}
	out := desk.State{Parts: []desk.Standing{s.recordsNow(ctx), s.channelsNow(), s.modelsNow(), keys}}
	from := strings.NewReplacer("default", "默认", "environment", "环境变量", "flag", "命令行", "file ", "文件 ")
	for _, l := range s.lines {
		out.Settings = append(out.Settings, desk.Setting{Key: l.Key, Value: strings.ReplaceAll(l.Value, "(hidden)", "已设，不显示"), From: from.Replace(l.From)})
	}
	return out, nil
}

// recordsNow is whether the service can do its work at all, and for how long it
// knows the working days.
func (s *service) recordsNow(ctx context.Context) desk.Standing {
	kept := desk.Fact{Name: "记录", Value: "SQLite，在 " + s.settings.DataDir}
	if s.settings.DatabaseURL != "" {
		kept.Value = "PostgreSQL"
	}
	if _, err := s.house.store.LastChange(ctx); err != nil {
		kept.Grave, kept.Next = true, "记录读不出来：看磁盘满没满（df）、数据库在不在，再看服务日志。"
	}
	mind := desk.Fact{Name: "听懂市民的话", Value: "学好了"}
	if !s.house.taught.learnt() {
		mind.Value, mind.Next = "正在学", "刚启动要几秒；一直这样请看服务日志。"
	}
	days := desk.Fact{Name: "放假安排", Value: "有"}
	now := s.house.clock()
	if year := now.AddDate(0, 0, yearAhead).Year(); !s.house.calendar.Known(year) {
		days.Value = fmt.Sprintf("还没有 %d 年的", year)
		days.Next = "国务院的放假通知出来后，在大厅的“开放时间”页录入；没录之前只知道周末和法定节日。"
	}
	trial := desk.Fact{Name: "试用样例", Value: "已关"}
	if s.settings.Demo {
		trial.Value, trial.Next = "开着", "只用来试。正式开通前设 demo: false，再运行 guanjia demo clear。"
	}
	alone := desk.Fact{Name: "实例", Value: "一个"}
	if s.instance != nil {
		alone.Value = "几个，这一个在干活，地址 " + s.settings.PeerAddr
	}
	return desk.Standing{Title: "服务", Facts: []desk.Fact{kept, mind, days, trial, alone}}
}

// channelsNow is by what citizens can come.
func (s *service) channelsNow() desk.Standing {
	c := s.settings
	account := desk.Fact{Name: "公众号", Value: "没有设"}
	switch {
	case c.WeChat() && c.WeChatAESKey != "":
		account.Value = "已设，安全模式"
	case c.WeChat():
		account.Value, account.Next = "已设，明文模式", "在微信公众平台改成安全模式，并设 wechat_aes_key。"
	}
	for _, f := range doubtfulWeChat(c) {
		account.Next = strings.TrimSpace(account.Next + " " + f)
	}
	pages := desk.Fact{Name: "网页", Value: c.PublicURL}
	if u, err := url.Parse(c.PublicURL); err == nil && u.Scheme != "https" && !c.Demo {
		pages.Grave, pages.Next = true, "正式开通要用 https：前面放反向代理和证书，再改 public_url。"
	}
	texts := desk.Fact{Name: "短信", Value: "没有设"}
	if c.SMSSecretID != "" {
		texts.Value = "已设，签名 " + c.SMSSign
	}
	facts := []desk.Fact{account, pages, texts, s.lineNow()}
	if s.line != nil {
		trunks := s.line.Registrations()
		for _, name := range slices.Sorted(maps.Keys(trunks)) {
			f := desk.Fact{Name: "中继 " + name, Value: "已注册"}
			if !trunks[name] {
				f.Value, f.Grave, f.Next = "没有注册上", true, "电话打不进来：核对 sip_trunk 的账号密码和网络，再看服务日志里的状态码。"
			}
			facts = append(facts, f)
		}
	}
	return desk.Standing{Title: "市民从哪里来", Facts: facts}
}

// lineNow is whether the hotline is open.
func (s *service) lineNow() desk.Fact {
	f := desk.Fact{Name: "热线"}
	switch {
	case s.line == nil && s.settings.SIPAddr == "":
		f.Value = "没有开"
	case s.line == nil:
		f.Value, f.Grave, f.Next = "没有开通", true, s.lineless
	default:
		f.Value = fmt.Sprintf("%s，正在通话 %d", s.line.Addr(), len(s.line.Live()))
		if s.settings.OpenAITranscribeModel == "" {
			f.Next = "没有设语音识别，打来的人只能按键；设 openai_transcribe_model。"
		}
	}
	return f
}

// modelsNow is what of the models is on, and whether they answer.
func (s *service) modelsNow() desk.Standing {
	c, m := s.settings, s.house.models
	on := func(name, model string) desk.Fact {
		if model == "" {
			return desk.Fact{Name: name, Value: "没有设，不影响其他"}
		}
		return desk.Fact{Name: name, Value: model}
	}
	words, meaning := on("听不准时请教", c.OpenAIModel), on("找指南时排序", c.OpenAIEmbedModel)
	const silent = "连着几次没有答复，先歇着不用，过一会儿自己再试；办事照常。一直这样请看模型服务。"
	if m.words != nil {
		words.Value += "，" + m.words.Ability()
		if m.words.Resting() {
			words.Next = silent
		}
	}
	if m.meaning != nil && m.meaning.Resting() {
		meaning.Next = silent
	}
	at := desk.Fact{Name: "地址", Value: "没有设"}
	if u, err := url.Parse(c.OpenAIBaseURL); err == nil && u.Host != "" {
		at.Value = u.Redacted()
	}
	return desk.Standing{Title: "模型", Facts: []desk.Fact{at, words, meaning, on("听写电话和语音", c.OpenAITranscribeModel), on("念给电话听", c.OpenAISpeechModel)}}
}

// keysNow is the installation's key, and when the last copy was made.
func (s *service) keysNow(ctx context.Context) (desk.Standing, error) {
	key, err := s.house.store.Key()
	if err != nil {
		return desk.Standing{}, err
	}
	cipher := desk.Fact{Name: "密钥", Value: strings.ToUpper(key.Cipher) + "，在密钥文件里"}
	if key.Service {
		cipher.Value = strings.ToUpper(key.Cipher) + "，由密钥服务包着"
	}
	if key.Changing {
		cipher.Grave, cipher.Next = true, "换密钥中断了，新旧两把都在用：再运行一次 guanjia key rotate。"
	}
	facts := []desk.Fact{cipher}
	turned, found, err := s.house.store.LastDeed(ctx, bot.AuditRotate)
	if err != nil {
		return desk.Standing{}, err
	}
	if found {
		facts = append(facts, desk.Fact{Name: "上次换密钥", Value: turned.At.Format("2006年1月2日 15:04")})
	}
	copied, err := s.backupNow(ctx)
	if err != nil {
		return desk.Standing{}, err
	}
	return desk.Standing{Title: "密钥和备份", Facts: append(facts, copied, desk.Fact{Name: "审计", Value: "在“审计”页或用 guanjia audit verify 核对，把校验码记在别处"})}, nil
}

// backupNow is when the last copy of the records was made by us.
func (s *service) backupNow(ctx context.Context) (desk.Fact, error) {
	f := desk.Fact{Name: "上次备份"}
	if s.settings.DatabaseURL != "" {
		f.Value = "由 PostgreSQL 自己做（pg_dump、pg_basebackup），这里看不到"
		return f, nil
	}
	last, found, err := s.house.store.LastDeed(ctx, bot.AuditBackup)
	if err != nil {
		return f, err
	}
	f.Value = "还没有"
	if found {
		f.Value = last.At.Format("2006年1月2日 15:04")
	}
	if late := !found || s.house.clock().Sub(last.At) > lateBackup; late && !s.settings.Demo {
		f.Grave, f.Next = true, "每天运行一次 guanjia backup 文件名，存到别的机器上；data.key 另外存。"
	}
	return f, nil
}
