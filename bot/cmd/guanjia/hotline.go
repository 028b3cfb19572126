package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/jobs"
	"guanjia/bot/openai"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/channels/desk"
	"guanjia/channels/hotline"
	"guanjia/channels/hotline/speech"
	"guanjia/intents/hanzi"
)

// openLine opens the hotline. The default address is a wish: where it cannot be
// had, or nothing can speak, the service says so and goes on without the line.
// An address that was set is a demand: without it nothing starts.
func (s *service) openLine() error {
	if s.settings.SIPAddr == "" {
		s.lineless = "没有设 sip_addr"
		return nil
	}
	conf, err := s.lineConfig()
	if err == nil {
		s.line, err = hotline.Open(conf)
	}
	switch {
	case err == nil:
		s.house.dispatcher.Senders[bot.Hotline] = s.house.byPhone(s.sending(bot.Hotline, s.line))
		s.countLine()
		if conf.Orders != nil {
			s.house.tasks = append(s.house.tasks, jobs.Task{Name: "order follow-up calls", Do: every(time.Minute, placer{s.house}.orderFollowUps)})
		}
		s.house.tasks = append(s.house.tasks, jobs.Task{Name: "drop old recordings", Do: s.dropRecordings})
		return nil
	case s.origin("sip_addr") != "default" || s.settings.SIPTLSAddr != "":
		return usagef("sip_addr: %v", err)
	}
	s.lineless = oneLine(err)
	s.log.Warn("no hotline", "error", err)
	return nil
}

// origin is where a setting came from.
func (p *program) origin(key string) string {
	for _, l := range p.lines {
		if l.Key == key {
			return l.From
		}
	}
	return ""
}

func (s *service) lineConfig() (hotline.Config, error) {
	known := callers{s.house.store, s.house.clock, s.house.engine}
	c := hotline.Config{
		Engine: s.receiver, Desk: s.house.engine, Records: known, Callbacks: known, Moved: s.desk.CallMoved, Recordings: known, RecordTo: s.recordings(), Addr: s.settings.SIPAddr,
		MaxCalls: s.settings.SIPMaxCalls, Transfer: hotline.Transfer(s.settings.SIPTransfer),
		Simplify: hanzi.Simplify, Clock: s.house.clock, Log: s.log,
	}
	var err error
	if c.Voice, err = s.voice(); err != nil {
		return c, err
	}
	if model := s.settings.OpenAITranscribeModel; model != "" {
		client, err := openai.New(openai.Config{BaseURL: s.settings.OpenAIBaseURL, Key: s.settings.OpenAIAPIKey.Reveal()})
		if err != nil {
			return c, err
		}
		c.Ears = ears{client, model}
	}
	c.Allow, c.Trust = prefixes(s.settings.SIPAllow), prefixes(s.settings.SIPTrust)
	c.Proof, c.Summaries = newProofs(s.house), summaries{s.house}
	if err := s.secureLine(&c); err != nil {
		return c, err
	}
	for part := range strings.SplitSeq(s.settings.SIPTrunk.Reveal(), ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		trunk, err := hotline.ParseTrunk(part)
		if err != nil {
			return c, fmt.Errorf("sip_trunk: %w", err)
		}
		c.Trunks = append(c.Trunks, trunk)
	}
	c.Calls = register{s.house.store, s.house.clock}
	c.People = extensions{s.house.store, s.house.clock}
	for part := range strings.SplitSeq(s.settings.SIPOperatorURI, ",") {
		if part = strings.TrimSpace(part); part != "" {
			c.Operators = append(c.Operators, part)
		}
	}
	if s.settings.SIPOutbound != "" {
		if c.Outbound, err = s.placeCalls(); err != nil {
			return c, err
		}
		c.Orders = placer{s.house}
	}
	first, last, _ := strings.Cut(s.settings.RTPPorts, "-")
	for text, at := range map[string]*uint16{first: &c.FirstPort, last: &c.LastPort} {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return c, fmt.Errorf("rtp_ports: %w", err)
		}
		*at = uint16(n)
	}
	return c, nil
}

// secureLine adds TLS and the callers who must prove themselves.
func (s *service) secureLine(c *hotline.Config) error {
	if s.settings.SIPUsers != "" {
		c.Users = map[string]string{}
		for part := range strings.SplitSeq(s.settings.SIPUsers.Reveal(), ",") {
			name, password, _ := strings.Cut(strings.TrimSpace(part), ":")
			c.Users[name] = password
		}
	}
	if s.settings.SIPTLSAddr == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(s.settings.SIPTLSCert, s.settings.SIPTLSKey)
	if err != nil {
		return fmt.Errorf("sip_tls_cert and sip_tls_key: %w", err)
	}
	c.TLSAddr, c.TLS = s.settings.SIPTLSAddr, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	return nil
}

// voice is what the line speaks with: a speech model where one is set, else
// espeak-ng, which also stands in when the model fails.
func (s *service) voice() (*speech.Voice, error) {
	espeak, err := speech.NewEspeak()
	model := s.settings.OpenAISpeechModel
	if model == "" {
		if err != nil {
			return nil, err
		}
		return speech.NewVoice(espeak, nil), nil
	}
	client, cerr := openai.New(openai.Config{BaseURL: s.settings.OpenAIBaseURL, Key: s.settings.OpenAIAPIKey.Reveal()})
	if cerr != nil {
		return nil, cerr
	}
	m := mouth{client: client, model: model}
	if err == nil {
		m.instead = espeak
	}
	return speech.NewPlainVoice(m), nil
}

// mouth is a speech endpoint as the line knows it.
type mouth struct {
	client  *openai.Client
	model   string
	instead speech.Synthesizer // nil: nothing
}

// Synthesize implements speech.Synthesizer.
func (m mouth) Synthesize(ctx context.Context, text string, how speech.Manner) ([]int16, error) {
	speed := 1.0
	if how.Slow {
		speed = 0.75
	}
	sound, err := m.client.Speak(ctx, m.model, "alloy", text, speed)
	if err == nil {
		return speech.Resample(speech.FromBytes(sound, 1), openai.SpeechRate, how.Rate()), nil
	}
	if m.instead == nil || ctx.Err() != nil {
		return nil, err
	}
	return m.instead.Synthesize(ctx, speech.Spell(text, how.Language), how)
}

// ears is a transcription endpoint as the line knows it.
type ears struct {
	client *openai.Client
	model  string
}

// Recognize implements speech.Recognizer. No words are no error.
func (e ears) Recognize(ctx context.Context, wav []byte, _ speech.Language) (string, error) {
	text, err := e.client.Transcribe(ctx, e.model, wav, "audio/wav")
	if errors.Is(err, openai.ErrEmpty) {
		return "", nil
	}
	return text, err
}

// callers is what the line keeps of callers.
type callers struct {
	store  *store.Store
	clock  bot.Clock
	engine *bot.Engine
}

// Preference implements hotline.Records.
func (c callers) Preference(ctx context.Context, caller bot.Address) (hotline.Preference, error) {
	citizen, err := c.store.Identify(ctx, caller, c.clock())
	if err != nil {
		return hotline.Preference{}, err
	}
	conv, err := c.store.Conversation(ctx, citizen.ID)
	p := hotline.Preference{Slow: conv.Slow}
	switch citizen.Language {
	case bot.Cantonese:
		p.Language = speech.Cantonese
	case bot.English:
		p.Language = speech.English
	}
	return p, err
}

// Prefer implements hotline.Records.
func (c callers) Prefer(ctx context.Context, id bot.CitizenID, p hotline.Preference) error {
	citizen, err := c.store.Citizen(ctx, id)
	if err != nil {
		return err
	}
	switch p.Language {
	case speech.Cantonese:
		citizen.Language = bot.Cantonese
	case speech.English:
		citizen.Language = bot.English
	default:
		citizen.Language = bot.Simplified
	}
	err = c.store.Commit(ctx, func(tx bot.Tx) error { return tx.SaveCitizen(citizen) })
	return errors.Join(err, c.engine.Pace(ctx, id, p.Slow))
}

// Summary implements hotline.Records.
func (c callers) Summary(ctx context.Context, id bot.CitizenID) (string, error) {
	open, err := c.store.Handoffs(ctx, true, 200)
	if err != nil {
		return "", err
	}
	for _, h := range open {
		if h.Citizen == id {
			return h.Summary, nil
		}
	}
	return "", nil
}

// CallBack implements hotline.Callbacks: a ticket for the line's own people,
// one a caller and day.
func (c callers) CallBack(ctx context.Context, caller bot.Address, why string) error {
	now := c.clock()
	citizen, err := c.store.Identify(ctx, caller, now)
	if err != nil {
		return err
	}
	text := "需要回拨来电市民：" + why
	if about, err := c.Summary(ctx, citizen.ID); err != nil {
		return err
	} else if about != "" { // what they asked a person for
		text += "；" + about
	}
	v := ticket.Ticket{
		Citizen: citizen.ID, Channel: bot.Hotline, Kind: ticket.Report, Type: ticket.Inquiry, Title: "回拨来电", Text: bot.Secret(text),
		Department: "12345热线", Phone: bot.Secret(strings.TrimPrefix(caller.ID, hotline.Unproven)), Urgency: ticket.Urgent, Status: ticket.Accepted,
		Key: "callback:" + now.In(bot.Shanghai()).Format(time.DateOnly), CreatedAt: now,
	}
	return c.store.Commit(ctx, func(tx bot.Tx) error {
		_, err := c.store.File(ctx, tx, v)
		return err
	})
}

// recordingLife is how long calls can be listened to.
const recordingLife = 180 * 24 * time.Hour

// recordings is where sealed recordings lie.
func (s *service) recordings() string { return filepath.Join(s.settings.DataDir, "recordings") }

// dropRecordings is timed work: recordings past their life go.
func (s *service) dropRecordings(_ context.Context, now time.Time) error {
	_, err := hotline.DropRecordings(s.recordings(), now.Add(-recordingLife))
	return err
}

// Keep implements hotline.Recordings: the key is an attachment of the caller's,
// sealed as all attachments are, with a line for operators.
func (c callers) Keep(ctx context.Context, citizen bot.CitizenID, name string, key []byte, lasted time.Duration) error {
	now := c.clock()
	return c.store.Commit(ctx, func(tx bot.Tx) error {
		id, err := tx.Keep(citizen, bot.Attachment{Kind: "recording", Type: "application/octet-stream", Name: name, Bytes: key}, now)
		if err != nil {
			return err
		}
		_, err = tx.Append(bot.Line{Citizen: citizen, Speaker: bot.SpeakerNote, Name: "热线", Channel: bot.Hotline, At: now,
			Text: fmt.Sprintf("通话录音，%d 分 %d 秒", int(lasted.Minutes()), int(lasted.Seconds())%60), Attachment: id, Delivered: true})
		return err
	})
}

// lineNote says in the greeting how callers are heard.
func (s *service) lineNote() string {
	if s.line.Ears == nil {
		return "，未设语音识别，只能按键"
	}
	return ""
}

// closeLine ends the calls that go on and hangs up.
func (s *service) closeLine(ctx context.Context) error {
	if s.line == nil {
		return nil
	}
	if err := s.line.Close(ctx); err != nil {
		return fmt.Errorf("close the hotline: %w", err)
	}
	return nil
}

// countLine adds the line's figures.
func (s *service) countLine() {
	f := s.figures
	s.line.Figures(f.Counts, f.Gauges, f.Gauge)
	s.line.Observe(f.Seconds("guanjia_hotline_seconds", "Waits and lengths of calls: reply is from the end of speech to the first sound, without the recogniser's time.", "what",
		.1, .25, .5, .7, .9, 1.2, 1.5, 2.5, 5, 10, 30, 60, 180, 600))
}

// callPanel is what the desk's page of calls is made of. The line opens after
// the desk, or not at all.
func (s *service) callPanel() *desk.Calls {
	return &desk.Calls{
		Live: func() []desk.LiveCall {
			if s.line == nil {
				return nil
			}
			var out []desk.LiveCall
			for _, c := range s.line.Live() {
				out = append(out, desk.LiveCall(c))
			}
			return out
		},
		Ring:      func(citizen bot.CitizenID) bool { return s.line != nil && s.line.Ring(citizen) },
		End:       func(citizen bot.CitizenID) bool { return s.line != nil && s.line.End(citizen) },
		Hearable:  func(citizen bot.CitizenID) bool { return s.line != nil && s.line.Hearable(citizen) },
		Listen:    deskPhone{s}.Listen,
		Telephone: deskPhone{s},
		Orders:    s.house.store, Places: s.settings.SIPOutbound != "",
		Open: func(a bot.Attachment) ([]byte, error) {
			f, err := os.Open(filepath.Join(s.recordings(), filepath.FromSlash(a.Name)))
			if err != nil {
				return nil, fmt.Errorf("open a recording: %w", err)
			}
			defer f.Close()
			return hotline.ReadRecording(f, a.Bytes)
		},
	}
}
