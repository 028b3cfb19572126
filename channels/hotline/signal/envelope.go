package signal

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Limits of a message, in bytes and lines.
const (
	maxMessage = 64 << 10
	maxHead    = 32 << 10
	maxFields  = 256
	maxValue   = 8 << 10
)

// field is one header line, unfolded: the name in lower case and in full, the
// value trimmed.
type field struct{ name, value string }

// envelope is a message cut into its lines and nothing more: enough to answer
// it whatever else is wrong with it.
type envelope struct {
	start   string
	method  string // of a request, as written: methods are told apart by case
	uri     string
	version string
	status  int // of a response; 0: a request
	fields  []field
	body    []byte
}

// errNotSIP is what cannot be answered: there is no telling what it is.
var errNotSIP = errors.New("not a SIP message")

// fault is a message that is understood well enough to be refused.
type fault struct {
	status int
	reason string
}

func (f fault) Error() string { return fmt.Sprintf("%d %s", f.status, f.reason) }

// compact are the one-letter names of headers.
var compact = map[string]string{
	"i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type", "f": "from",
	"s": "subject", "k": "supported", "t": "to", "v": "via", "x": "session-expires", "r": "refer-to", "b": "referred-by", "o": "event",
}

// openEnvelope cuts a message into lines. Its error is errNotSIP where there is
// nobody to answer.
func openEnvelope(raw []byte) (*envelope, error) {
	head, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found || len(head) > maxHead {
		return nil, errNotSIP
	}
	e := &envelope{body: body}
	var last *field
	for i, line := range strings.Split(string(head), "\r\n") {
		switch {
		case i == 0:
			e.start = line
		case line == "":
			return nil, errNotSIP
		case line[0] == ' ' || line[0] == '\t':
			if last == nil {
				return nil, errNotSIP
			}
			last.value = strings.TrimSpace(last.value + " " + strings.TrimSpace(line))
		default:
			name, value, ok := strings.Cut(line, ":")
			if !ok || len(e.fields) == maxFields {
				return nil, errNotSIP
			}
			name = strings.ToLower(strings.TrimRight(name, " \t"))
			if full, short := compact[name]; short {
				name = full
			}
			e.fields = append(e.fields, field{name, strings.TrimSpace(value)})
			last = &e.fields[len(e.fields)-1]
		}
	}
	return e, e.readStart()
}

// readStart tells requests from responses.
func (e *envelope) readStart() error {
	if version, rest, ok := strings.Cut(e.start, " "); ok && strings.HasPrefix(strings.ToUpper(version), "SIP/") {
		code, _, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(code)
		if err != nil || n < 100 || n > 699 || !strings.EqualFold(version, "SIP/2.0") {
			return errNotSIP
		}
		e.version, e.status = version, n
		return nil
	}
	first, last := strings.IndexByte(e.start, ' '), strings.LastIndexByte(e.start, ' ')
	if trimmed := strings.TrimRight(e.start, " \t"); trimmed != e.start { // white space at the end is a fault that can be answered
		last = strings.LastIndexByte(trimmed, ' ')
	}
	if first <= 0 || last <= first || !isToken(e.start[:first]) {
		return errNotSIP
	}
	e.method, e.uri, e.version = e.start[:first], e.start[first+1:last], strings.TrimRight(e.start[last+1:], " \t")
	if !strings.HasPrefix(strings.ToUpper(e.version), "SIP/") {
		return errNotSIP
	}
	return nil
}

// get is the first value of a header, and how many lines there are of it.
func (e *envelope) get(name string) (value string, lines int) {
	for _, f := range e.fields {
		if f.name == name {
			if lines == 0 {
				value = f.value
			}
			lines++
		}
	}
	return value, lines
}

// single are the headers of which there may be one.
var single = []string{"from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type"}

// check finds the faults of a request that sipgo lets pass or drops in silence.
func (e *envelope) check() error {
	for _, name := range []string{"via", "from", "to", "call-id", "cseq"} {
		if v, n := e.get(name); n == 0 || v == "" {
			return fault{400, "Missing " + name}
		}
	}
	if !strings.EqualFold(e.version, "SIP/2.0") {
		return fault{505, "Version Not Supported"}
	}
	for _, name := range single {
		if _, n := e.get(name); n > 1 {
			return fault{400, "Several " + name}
		}
	}
	for _, f := range e.fields {
		if !isToken(f.name) || len(f.value) > maxValue || strings.ContainsAny(f.value, "\r\n") {
			return fault{400, "Malformed header"}
		}
	}
	if err := e.checkSequence(); err != nil {
		return err
	}
	if err := e.checkNumbers(); err != nil {
		return err
	}
	if err := e.checkTarget(); err != nil {
		return err
	}
	return e.checkAddresses()
}

// checkTarget looks at the Request-URI: it carries no headers, and its scheme
// is one we are reached by.
func (e *envelope) checkTarget() error {
	if e.uri == "" || strings.ContainsAny(e.uri, " \t<>\"") || strings.TrimRight(e.start, " \t") != e.start {
		return fault{400, "Malformed Request-URI"}
	}
	scheme, rest, _ := strings.Cut(strings.ToLower(e.uri), ":")
	switch scheme {
	case "sip", "sips", "tel":
	default:
		return fault{416, "Unsupported URI Scheme"}
	}
	if host := rest[strings.LastIndexByte(rest, '@')+1:]; strings.Contains(host, "?") {
		return fault{400, "Request-URI with headers"}
	}
	return nil
}

// checkSequence compares the CSeq's method with the request's.
func (e *envelope) checkSequence() error {
	v, _ := e.get("cseq")
	parts := strings.Fields(v)
	if len(parts) != 2 {
		return fault{400, "Malformed CSeq"}
	}
	if n, err := strconv.ParseUint(parts[0], 10, 32); err != nil || n >= 1<<31 {
		return fault{400, "CSeq out of range"}
	}
	if parts[1] != e.method {
		return fault{400, "CSeq names another method"}
	}
	return nil
}

// checkNumbers reads the counts.
func (e *envelope) checkNumbers() error {
	if v, n := e.get("max-forwards"); n > 0 {
		hops, err := strconv.ParseUint(v, 10, 32)
		if err != nil || hops > 255 {
			return fault{400, "Malformed Max-Forwards"}
		}
		if hops == 0 && e.method != "ACK" && e.method != "CANCEL" {
			return fault{483, "Too Many Hops"}
		}
	}
	if v, n := e.get("content-length"); n > 0 {
		length, err := strconv.ParseUint(v, 10, 31)
		if err != nil || int(length) > len(e.body) {
			return fault{400, "Malformed Content-Length"}
		}
		e.body = e.body[:length] // what follows is not part of it
	}
	for _, name := range []string{"expires", "warning"} {
		v, n := e.get(name)
		if n == 0 {
			continue
		}
		first, _, _ := strings.Cut(v, " ")
		if value, err := strconv.ParseUint(first, 10, 64); err != nil || name == "expires" && value >= 1<<32 || name == "warning" && len(first) != 3 {
			return fault{400, "Malformed " + name}
		}
	}
	return nil
}

// checkAddresses looks at the headers that hold names and addresses.
func (e *envelope) checkAddresses() error {
	for _, f := range e.fields {
		switch f.name {
		case "from", "to", "contact", "route", "record-route", "refer-to":
			if f.value == "*" && f.name == "contact" {
				continue
			}
			if !balanced(f.value) || !readable(f) {
				return fault{400, "Malformed " + f.name}
			}
		case "via":
			if !strings.HasPrefix(strings.ToUpper(f.value), "SIP") {
				return fault{400, "Malformed via"}
			}
		case "date":
			if !strings.HasSuffix(strings.ToUpper(f.value), "GMT") {
				return fault{400, "Malformed date"}
			}
		}
	}
	return nil
}

// balanced says whether quotes and angle brackets close.
func balanced(v string) bool {
	quoted, open := false, false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<' && open, c == '>' && !open:
			return false
		case c == '<':
			open = true
		case c == '>':
			open = false
		}
	}
	return !quoted && !open
}

// readable says whether a header's addresses are well formed: a display name
// without quotes is words, the address within brackets has no white space, and
// a bare one carries no headers of its own.
func readable(f field) bool {
	for part := range splitCommas(f.value) {
		name, rest, bracketed := cutBracket(part)
		if !bracketed {
			if strings.ContainsAny(part, "?") || strings.ContainsAny(strings.TrimSpace(strings.SplitN(part, ";", 2)[0]), " \t") {
				return false
			}
			if !strings.Contains(part, ":") {
				return false
			}
			continue
		}
		name = strings.TrimSpace(name)
		if name != "" && name[0] != '"' {
			for word := range strings.FieldsSeq(name) {
				if !isToken(word) {
					return false
				}
			}
		}
		uri, _, _ := strings.Cut(rest, ">")
		if uri == "" || strings.ContainsAny(uri, " \t\"") || !strings.Contains(uri, ":") {
			return false
		}
	}
	return true
}

// cutBracket splits a name from the address in angle brackets.
func cutBracket(part string) (name, rest string, found bool) {
	quoted := false
	for i := 0; i < len(part); i++ {
		switch {
		case quoted && part[i] == '\\':
			i++
		case part[i] == '"':
			quoted = !quoted
		case part[i] == '<' && !quoted:
			return part[:i], part[i+1:], true
		}
	}
	return part, "", false
}

// splitCommas yields the values of a list outside quotes and brackets.
func splitCommas(v string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		quoted, open, from := false, false, 0
		for i := 0; i < len(v); i++ {
			switch c := v[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '<':
				open = true
			case c == '>':
				open = false
			case c == ',' && !open:
				if !yield(v[from:i]) {
					return
				}
				from = i + 1
			}
		}
		yield(v[from:])
	}
}

// isToken says whether a word is what RFC 3261 calls a token.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			continue
		}
		if strings.IndexByte("-.!%*_+`'~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// structure has sipgo read the message, white space normalised, so that its
// parser meets one spelling of each thing.
func (e *envelope) structure() (sip.Message, error) {
	var b bytes.Buffer
	b.WriteString(e.start)
	b.WriteString("\r\n")
	for _, f := range e.fields {
		b.WriteString(f.name)
		b.WriteString(": ")
		b.WriteString(squeeze(f.value))
		b.WriteString("\r\n")
	}
	b.WriteString("\r\n")
	b.Write(e.body)
	msg, err := sip.ParseMessage(b.Bytes())
	if err != nil {
		return nil, fault{400, "Malformed message"}
	}
	if req, ok := msg.(*sip.Request); ok {
		req.Method = sip.RequestMethod(e.method) // as written
	}
	if msg.Via() == nil || msg.From() == nil || msg.To() == nil || msg.CallID() == nil || msg.CSeq() == nil {
		return nil, fault{400, "Malformed message"}
	}
	return msg, nil
}

// squeeze takes the white space around ; and = away, outside quotes.
func squeeze(v string) string {
	if !strings.ContainsAny(v, " \t") || !strings.ContainsAny(v, ";=") {
		return v
	}
	out := make([]byte, 0, len(v))
	quoted := false
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case quoted && c == '\\' && i+1 < len(v):
			out = append(out, c)
			i++
			c = v[i]
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';' || c == '=':
			for len(out) > 0 && (out[len(out)-1] == ' ' || out[len(out)-1] == '\t') {
				out = out[:len(out)-1]
			}
			out = append(out, c)
			for i+1 < len(v) && (v[i+1] == ' ' || v[i+1] == '\t') {
				i++
			}
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// answer writes a response to a request out of its own lines: what is echoed is
// echoed as it came, whatever the parser made of it. Without a tag none is
// added to To.
func (e *envelope) answer(l link, status int, reason, toTag string, extra []field, body []byte) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", status, reason)
	top := true
	for _, h := range e.fields {
		switch h.name {
		case "via":
			v := clean(h.value)
			if top {
				v, top = stamped(v, l), false
			}
			fmt.Fprintf(&b, "Via: %s\r\n", v)
		case "from", "call-id", "cseq":
			fmt.Fprintf(&b, "%s: %s\r\n", properName[h.name], clean(h.value))
		case "to":
			v := clean(h.value)
			if toTag != "" && tagOf(v) == "" {
				v += ";tag=" + toTag
			}
			fmt.Fprintf(&b, "To: %s\r\n", v)
		case "record-route":
			if e.method == "INVITE" && status > 100 && status < 300 {
				fmt.Fprintf(&b, "Record-Route: %s\r\n", clean(h.value))
			}
		case "timestamp":
			if status == 100 {
				fmt.Fprintf(&b, "Timestamp: %s\r\n", clean(h.value))
			}
		}
	}
	for _, h := range extra {
		fmt.Fprintf(&b, "%s: %s\r\n", h.name, h.value)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(body))
	return append([]byte(b.String()), body...)
}

var properName = map[string]string{"from": "From", "call-id": "Call-ID", "cseq": "CSeq"}

// stamped is the top Via with where the request really came from (RFC 3581).
func stamped(via string, l link) string {
	first, rest := via, ""
	for part := range splitCommas(via) {
		first, rest = part, via[len(part):]
		break
	}
	first = squeeze(first)
	from := l.remote()
	if i := strings.Index(strings.ToLower(first), ";rport"); i >= 0 {
		end := i + len(";rport")
		if end == len(first) || first[end] == ';' {
			return first[:end] + fmt.Sprintf("=%d;received=%s", from.Port(), from.Addr()) + first[end:] + rest
		}
	}
	if host := sentBy(first); host != from.Addr().String() && !strings.Contains(strings.ToLower(first), ";received=") {
		return first + ";received=" + from.Addr().String() + rest
	}
	return first + rest
}

// sentBy is the host of a Via.
func sentBy(via string) string {
	fields := strings.Fields(via)
	if len(fields) < 2 {
		return ""
	}
	host, _, _ := strings.Cut(fields[len(fields)-1], ";")
	if strings.HasPrefix(host, "[") {
		host, _, _ = strings.Cut(host[1:], "]")
		return host
	}
	host, _, _ = strings.Cut(host, ":")
	return host
}

// parameter is the value of a header's parameter outside brackets and quotes.
func parameter(value, name string) string {
	_, rest, bracketed := cutBracket(value)
	if bracketed {
		_, value, _ = strings.Cut(rest, ">")
	}
	for p := range strings.SplitSeq(squeeze(value), ";") {
		if k, v, ok := strings.Cut(p, "="); ok && strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return ""
}

func tagOf(value string) string { return parameter(value, "tag") }

// clean keeps what is echoed on one line and short.
func clean(v string) string {
	v = strings.NewReplacer("\r", "", "\n", "").Replace(v)
	return v[:min(len(v), maxValue)]
}
