package bot

// Turn is what came of one inbound message: the replies, already committed
// and leased to the channel that received the message.
type Turn struct {
	ID       int64
	Citizen  CitizenID
	Handling Handling
	// Out are the replies to deliver, in order; first any that were held
	// until the citizen wrote again. They are leased for LeaseTime: the
	// channel either reports Delivered or lets the dispatcher take them.
	Out []Outgoing
	// Repeat is set when the same message was answered before; Out is the
	// same answer.
	Repeat bool
	// Asked is what the turn ended with a question for: nothing where an
	// errand is over, though the trace names it.
	Asked AskedKind
	Trace Trace
}

// Trace says why a turn went where it went.
type Trace struct {
	Intent    Intent            `json:"intent"`
	Score     float64           `json:"score"`
	Decision  Decision          `json:"decision"`
	Flow      Intent            `json:"flow"`
	Slots     map[string]string `json:"slots"`
	Citations []string          `json:"citations"`
	// Commands are what the engine made of the understanding, for tests,
	// coverage and operators.
	Commands []string `json:"-"`
	Acts     []string `json:"-"`
	// Model is what came of asking a model about the words, empty where none
	// was asked; Degraded is set where one should have helped and could not.
	Model    string `json:"model,omitempty"`
	Degraded bool   `json:"degraded,omitempty"`
}
