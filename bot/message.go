package bot

import (
	"log/slog"
	"time"
)

// Channel names a way in and out.
type Channel string

// The channels.
const (
	WeChat  Channel = "wechat"
	Hotline Channel = "phone"
	Web     Channel = "web"
)

// Address is where a message came from or goes to: a channel and the
// platform's id there (an openid, a phone number, a browser's id). It is a
// particular: it never prints.
type Address struct {
	Channel Channel `json:"channel"`
	ID      string  `json:"id"`
}

// LogValue keeps addresses out of logs.
func (a Address) LogValue() slog.Value { return slog.StringValue(string(a.Channel) + ":…") }

// EventKind is something that happens on a channel without words.
type EventKind string

// The events.
const (
	NoEvent          EventKind = ""
	EventSubscribe   EventKind = "subscribe"
	EventUnsubscribe EventKind = "unsubscribe"
	EventScan        EventKind = "scan"    // EventKey: the scene
	EventMenu        EventKind = "menu"    // EventKey: see MenuKeys
	EventSilence     EventKind = "silence" // the citizen said nothing
	EventDigits      EventKind = "dtmf"    // EventKey: the digits, # and *
	EventCall        EventKind = "call"    // the citizen rang and was answered
	EventHangup      EventKind = "hangup"
	EventOverheard   EventKind = "overheard" // said aloud to the person they are on the telephone with
	EventImage       EventKind = "image"     // Attachment
	EventVoice       EventKind = "voice"     // Text holds what was recognised, else Attachment
	EventLocation    EventKind = "location"  // Latitude, Longitude, Text the label
	EventChoice      EventKind = "choice"    // a tapped option; Text is its text
	EventUnsupported EventKind = "unsupported"
)

// MenuKeys are the menu's keys and the intents they start.
func MenuKeys() map[string]Intent {
	return map[string]Intent{
		"book": BookAppointment, "mine": CheckAppointment, "procedure": AskProcedure,
		"policy": AskPolicy, "help": RequestHelp, "report": FileReport,
		"progress": CheckRequest, "claim": ClaimWish, "operator": TalkToOperator,
		"health": HealthCode, "privacy": Capability,
	}
}

// Attachment is a file a citizen sent. The bytes are kept by the store.
type Attachment struct {
	Kind   string // image, voice, file
	Type   string // media type found in the content, not the sender's word
	Name   string
	Bytes  []byte
	Remote string // the platform's id while the bytes are not fetched yet
}

// Inbound is one thing a citizen said or did, as a channel hands it over.
type Inbound struct {
	From Address
	// Key identifies the message on its channel; the same key again is the
	// platform's retry and gets the same answer. Empty: never a repeat.
	Key      string
	At       time.Time // when the citizen sent it, by the channel's word
	Text     string
	Event    EventKind
	EventKey string
	// ByLine says that the telephone line did it by itself: the caller pressed
	// nothing.
	ByLine     bool
	Attachment *Attachment
	Latitude   float64
	Longitude  float64
}

// Option is an answer offered with a reply. Its number is its place in the
// list; naming the number, the text or tapping it are the same.
type Option struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"` // a page to open instead of an answer
}

// Reply is one message to a citizen, in plain text without mark-up. Lines are
// separated by \n. Channels decide how options and links look.
type Reply struct {
	Text    string   `json:"text"`
	Options []Option `json:"options,omitempty"`
	// Spoken is the wording for the phone, when it must differ from Text.
	Spoken string `json:"spoken,omitempty"`
	// Source is the quiet line under an answer: where it is from and as of when.
	Source    string   `json:"source,omitempty"`
	Citations []string `json:"citations,omitempty"` // guide-id#field
	// Urgent marks replies that are sent before anything else waiting.
	Urgent bool `json:"urgent,omitempty"`
	// Picture is the id of a kept picture that is sent instead of words.
	Picture string `json:"picture,omitempty"`
}
