package bot

import "time"

// QuickReply is a reply operators write often. Its text may hold {称呼} and
// {坐席}, which become the citizen's and the operator's names.
type QuickReply struct {
	ID    string
	Title string
	Text  string
	By    string // who wrote it
	At    time.Time
}

// Shift is what came to the desk in a span of time, without anybody's words.
type Shift struct {
	Handoffs      []Handoff // begun in it or open still, without packets, oldest first
	Conversations int       // citizens who wrote in it
	Ratings       []Rating  // how those who were asked found it
}

// Mention is a notice that a colleague's note names somebody.
type Mention struct {
	Citizen CitizenID
	By      string
	At      time.Time
}

// Sieve is a filter of a list that somebody keeps under a name.
type Sieve struct{ Name, Query string }

// Upload is a file of a table that was looked at and waits for a yes.
type Upload struct {
	Name  string
	Raw   []byte
	Until time.Time
}
