package wechattest

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Account is the platform's side of one official account: it posts what
// citizens do to the callback's address. Its cipher is written from the
// documents and shares nothing with ours.
type Account struct {
	Callback string // the callback's address
	AppID    string
	Token    string
	AESKey   string // empty: plain mode
	Name     string // the account's own id, gh_…
	Deadline time.Duration
	Tries    int
	Now      func() time.Time
	HTTP     *http.Client
	// Server, if not nil, lets us write to a citizen who did something.
	Server *Server

	serial atomic.Int64
}

// Reply is a passive answer.
type Reply struct {
	Status  int
	Raw     string // as it came, decrypted
	To      string
	From    string
	Type    string
	Content string
	Try     int // the try that was answered
}

func (a *Account) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

// Text posts a citizen's words.
func (a *Account) Text(ctx context.Context, openID, text string) (Reply, error) {
	a.Server.wrote(openID)
	return a.Post(ctx, a.Message(openID, "text", fmt.Sprintf("<Content>%s</Content>", CDATA(text))))
}

// Tap posts the tap on an option of a msgmenu.
func (a *Account) Tap(ctx context.Context, openID, id, text string) (Reply, error) {
	a.Server.tapped(openID)
	return a.Post(ctx, a.Message(openID, "text", fmt.Sprintf("<Content>%s</Content><bizmsgmenuid>%s</bizmsgmenuid>", CDATA(text), id)))
}

// Image posts a picture.
func (a *Account) Image(ctx context.Context, openID, mediaID string) (Reply, error) {
	a.Server.wrote(openID)
	return a.Post(ctx, a.Message(openID, "image", fmt.Sprintf("<PicUrl>%s</PicUrl><MediaId>%s</MediaId>", CDATA("http://mmbiz.qpic.cn/x"), CDATA(mediaID))))
}

// Voice posts a voice; recognition may be empty.
func (a *Account) Voice(ctx context.Context, openID, mediaID, recognition string) (Reply, error) {
	a.Server.wrote(openID)
	return a.Post(ctx, a.Message(openID, "voice", fmt.Sprintf("<Format>%s</Format><MediaId>%s</MediaId><Recognition>%s</Recognition>", CDATA("amr"), CDATA(mediaID), CDATA(recognition))))
}

// Location posts a place.
func (a *Account) Location(ctx context.Context, openID string, lat, lng float64, label string) (Reply, error) {
	a.Server.wrote(openID)
	return a.Post(ctx, a.Message(openID, "location", fmt.Sprintf("<Location_X>%f</Location_X><Location_Y>%f</Location_Y><Scale>20</Scale><Label>%s</Label>", lat, lng, CDATA(label))))
}

// Event posts an event.
func (a *Account) Event(ctx context.Context, openID, event, key string) (Reply, error) {
	if event == "CLICK" || event == "SCAN" || event == "subscribe" {
		a.Server.tapped(openID)
	}
	return a.Post(ctx, a.Happening(openID, event, key))
}

// Happening is the XML of an event, as the documents show it.
func (a *Account) Happening(openID, event, key string) string {
	return fmt.Sprintf("<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%d</CreateTime><MsgType>%s</MsgType><Event>%s</Event><EventKey>%s</EventKey></xml>",
		CDATA(a.Name), CDATA(openID), a.now().Unix(), CDATA("event"), CDATA(event), CDATA(key))
}

// Message is the XML of a message, as the documents show it.
func (a *Account) Message(openID, kind, rest string) string {
	id := 23456789012345678 + a.serial.Add(1)
	return fmt.Sprintf("<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%d</CreateTime><MsgType>%s</MsgType>%s<MsgId>%d</MsgId></xml>",
		CDATA(a.Name), CDATA(openID), a.now().Unix(), CDATA(kind), rest, id)
}

// CDATA quotes a text.
func CDATA(s string) string {
	return "<![CDATA[" + strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>") + "]]>"
}

// Post posts a message with the platform's deadline, up to three times, and
// returns the first answer.
func (a *Account) Post(ctx context.Context, message string) (Reply, error) {
	tries, deadline := a.Tries, a.Deadline
	if tries == 0 {
		tries = 3
	}
	if deadline == 0 {
		deadline = 5 * time.Second
	}
	query, body, err := a.Request(message)
	if err != nil {
		return Reply{}, err
	}
	for try := 1; ; try++ {
		r, err := a.once(ctx, query, body, deadline)
		r.Try = try
		if err == nil || try == tries || ctx.Err() != nil {
			return r, err
		}
	}
}

// Request makes the query and body of a callback.
func (a *Account) Request(message string) (url.Values, string, error) {
	ts := strconv.FormatInt(a.now().Unix(), 10)
	nonce := rand.Text()[:10]
	q := url.Values{"timestamp": {ts}, "nonce": {nonce}, "signature": {a.Sign(ts, nonce)}, "openid": {"o"}}
	if a.AESKey == "" {
		return q, message, nil
	}
	encrypted, err := a.encrypt([]byte(message))
	if err != nil {
		return nil, "", err
	}
	q.Set("encrypt_type", "aes")
	q.Set("msg_signature", a.Sign(ts, nonce, encrypted))
	return q, fmt.Sprintf("<xml><ToUserName>%s</ToUserName><Encrypt>%s</Encrypt></xml>", CDATA(a.Name), CDATA(encrypted)), nil
}

func (a *Account) once(ctx context.Context, query url.Values, body string, deadline time.Duration) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Callback+"?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	req.Header.Set("Content-Type", "text/xml")
	client := a.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return Reply{}, err
	}
	return a.read(res.StatusCode, raw)
}

// read opens a passive answer.
func (a *Account) read(status int, raw []byte) (Reply, error) {
	r := Reply{Status: status, Raw: string(raw)}
	text := strings.TrimSpace(string(raw))
	if text == "" || text == "success" || status != http.StatusOK {
		return r, nil
	}
	var in struct {
		Encrypt      string
		MsgSignature string
		TimeStamp    string
		Nonce        string
		ToUserName   string
		FromUserName string
		MsgType      string
		Content      string
	}
	if err := xml.Unmarshal(raw, &in); err != nil {
		return r, fmt.Errorf("该公众号提供的服务出现故障: %w", err)
	}
	if a.AESKey != "" {
		if in.Encrypt == "" || a.Sign(in.TimeStamp, in.Nonce, in.Encrypt) != in.MsgSignature {
			return r, errors.New("the answer is not signed as safe mode asks")
		}
		plain, err := a.decrypt(in.Encrypt)
		if err != nil {
			return r, err
		}
		r.Raw = string(plain)
		if err := xml.Unmarshal(plain, &in); err != nil {
			return r, err
		}
	}
	r.To, r.From, r.Type, r.Content = in.ToUserName, in.FromUserName, in.MsgType, in.Content
	return r, nil
}

// Sign is the SHA-1 over the sorted parts and the token.
func (a *Account) Sign(parts ...string) string {
	all := append([]string{a.Token}, parts...)
	slices.Sort(all)
	sum := sha1.Sum([]byte(strings.Join(all, "")))
	return hex.EncodeToString(sum[:])
}

func (a *Account) block() (cipher.Block, []byte, error) {
	key, err := base64.StdEncoding.DecodeString(a.AESKey + "=")
	if err != nil {
		return nil, nil, err
	}
	b, err := aes.NewCipher(key)
	return b, key, err
}

func (a *Account) encrypt(message []byte) (string, error) {
	block, key, err := a.block()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	b.WriteString(rand.Text()[:16])
	binary.Write(&b, binary.BigEndian, uint32(len(message)))
	b.Write(message)
	b.WriteString(a.AppID)
	pad := 32 - b.Len()%32
	b.Write(bytes.Repeat([]byte{byte(pad)}, pad))
	out := make([]byte, b.Len())
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out, b.Bytes())
	return base64.StdEncoding.EncodeToString(out), nil
}

func (a *Account) decrypt(encrypted string) ([]byte, error) {
	block, key, err := a.block()
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(raw) == 0 || len(raw)%32 != 0 {
		return nil, errors.New("the answer's envelope has a wrong length")
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(raw, raw)
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > 32 || len(raw)-pad < 20 {
		return nil, errors.New("the answer's envelope is padded wrongly")
	}
	raw = raw[:len(raw)-pad]
	n := int(binary.BigEndian.Uint32(raw[16:20]))
	if 20+n > len(raw) || string(raw[20+n:]) != a.AppID {
		return nil, errors.New("the answer is not from this account")
	}
	return raw[20 : 20+n], nil
}
