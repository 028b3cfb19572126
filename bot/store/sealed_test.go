package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())

// told are a citizen's words and particulars as they must stand in no file.
var told = map[string]string{
	"openid": "oAbcD1234567890xyzOPENID", "name": "欧阳慕容小荷", "phone": "13912345678", "id number": "441900199001011234",
	"address": "虎门大道八百八十八号之三", "words": "我父亲住院三个月了实在交不起钱", "reply": "已经为欧阳女士约好了",
	"summary": "想问大病救助要什么材料", "step": "已联系家属上门核实", "attachment": "THE-BYTES-OF-A-PICTURE",
	"note": "家属情绪激动请耐心", "draft": "草稿里的门牌十七号之一", "message": "还没有回答的这句话",
}

func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tell lets a citizen tell everything there is to tell. It returns the
// citizen, the appointment's number and the attachment's id.
func tell(t *testing.T, s *store.Store) (bot.Citizen, string, string) {
	t.Helper()
	ctx := context.Background()
	from := bot.Address{Channel: bot.WeChat, ID: told["openid"]}
	must(t, s.SavePlan(ctx, store.Plan{Halls: []booking.Hall{{ID: "humen"}}, Services: []booking.Service{{ID: "permit"}}, Periods: []store.Period{{Time: "15:00", Capacity: 2}}}))
	_, err := s.ReleaseOpenings(ctx, monday)
	must(t, err)
	c, err := s.Identify(ctx, from, monday)
	must(t, err)
	_, err = s.Accept(ctx, c.ID, bot.Inbound{From: from, Key: "m1", At: monday, Text: told["message"]})
	must(t, err)
	c.Name, c.Phone = bot.Secret(told["name"]), bot.Secret(told["phone"])
	var number, file string
	must(t, s.Commit(ctx, func(tx bot.Tx) error {
		a, err := s.Book(ctx, tx, booking.Request{Citizen: c.ID, Channel: bot.WeChat, Key: "k", Service: "permit", Hall: "humen", Date: "2026-11-25", Time: "15:00",
			Name: c.Name, Phone: c.Phone, IDNumber: bot.Secret(told["id number"]), Now: monday})
		if err != nil {
			return err
		}
		number = a.Number
		v, err := s.File(ctx, tx, ticket.Ticket{Citizen: c.ID, Kind: ticket.Help, Type: ticket.Assistance, Title: "急难求助", Key: "k", Text: bot.Secret(told["words"]),
			Address: bot.Secret(told["address"]), Name: c.Name, Phone: c.Phone, CreatedAt: monday, DueAt: monday})
		if err != nil {
			return err
		}
		if file, err = tx.Keep(c.ID, bot.Attachment{Kind: "image", Type: "image/png", Bytes: []byte(told["attachment"])}, monday); err != nil {
			return err
		}
		_, err1 := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: monday, Text: told["words"]})
		_, err2 := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerNote, Name: "amy", Channel: bot.WeChat, At: monday, Text: told["note"]})
		_, err3 := tx.Enqueue(0, bot.Outgoing{Citizen: c.ID, To: from, Due: monday, From: "bot", Reply: bot.Reply{Text: told["reply"]}}, 0)
		_, err4 := tx.OpenHandoff(bot.Handoff{Citizen: c.ID, Channel: bot.WeChat, Reason: bot.ReasonAsked, Summary: told["summary"], At: monday})
		conv := bot.Conversation{Citizen: c.ID, Handling: bot.ByBot, Address: from, LastAt: monday,
			Frames: []bot.Frame{{Flow: bot.RequestHelp, Slots: map[string]bot.Value{"address": {Value: told["draft"]}}}}}
		_, err5 := (&ticket.Office{Books: s}).DoIn(ctx, tx, v.Number, ticket.Command{
			Action: ticket.DoUrge, By: ticket.Actor{Role: ticket.RoleCitizen}, At: monday, Words: bot.Secret(told["step"])})
		return errors.Join(err1, err2, err3, err4, err5, tx.SaveConversation(&conv), tx.SaveCitizen(c))
	}))
	return c, number, file
}

// written finds what stands in any file under a directory.
func written(t *testing.T, dir string, words map[string]string) []string {
	t.Helper()
	var found []string
	size := 0
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		size += len(raw)
		for what, word := range words {
			if bytes.Contains(raw, []byte(word)) || bytes.Contains(raw, []byte(base64.StdEncoding.EncodeToString([]byte(word)))) {
				found = append(found, what+" in "+filepath.Base(path))
			}
		}
		return err
	}))
	if size < 50_000 {
		t.Fatalf("only %d bytes under %s: nothing was looked at", size, dir)
	}
	return found
}

// TestNothingToldIsReadable looks for words and particulars in every file, the
// log among them, while the store is open and after.
func TestNothingToldIsReadable(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	tell(t, s)
	if found := written(t, dir, told); len(found) != 0 {
		t.Errorf("readable while open: %v", found)
	}
	if found := written(t, dir, map[string]string{"the service's id": "permit"}); len(found) == 0 {
		t.Error("not even what is kept in the open was found: the search is blind")
	}
	must(t, s.Close())
	if found := written(t, dir, told); len(found) != 0 {
		t.Errorf("readable after closing: %v", found)
	}
	for _, file := range []string{"data.key"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v: %v", file, info.Mode(), err)
		}
	}
}

// database opens the file itself, as somebody with access to the disk would.
func database(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "guanjia.db"))
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

// TestSealedValuesStayInTheirPlace moves sealed values to other rows, columns
// and citizens: they open nowhere but where they were sealed.
func TestSealedValuesStayInTheirPlace(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct{ what, change string }{
		{"another citizen's appointment", "UPDATE appointment SET citizen = $2 WHERE citizen = $1"},
		{"another citizen's key", "UPDATE citizen SET key = (SELECT key FROM citizen WHERE id = $2) WHERE id = $1"},
		{"another row's words", "UPDATE line SET body = (SELECT body FROM line WHERE citizen = $1 ORDER BY id LIMIT 1) WHERE citizen = $1 AND $2 <> ''"},
		{"another column's value", "UPDATE appointment SET body = (SELECT body FROM citizen WHERE id = $1) WHERE citizen = $1 AND $2 <> ''"},
		{"a changed byte", "UPDATE appointment SET body = substr(body, 1, length(body) - 8) || zeroblob(8) WHERE citizen = $1 AND $2 <> ''"},
	} {
		dir := t.TempDir()
		s := open(t, dir)
		a, number, _ := tell(t, s)
		b, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: "other"}, monday)
		must(t, err)
		must(t, s.Close())
		done, err := database(t, dir).Exec(strings.NewReplacer("$1", "?1", "$2", "?2").Replace(c.change), a.ID, b.ID)
		must(t, err)
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s: nothing was changed: %v", c.what, err)
		}
		s = open(t, dir)
		_, err1 := s.Appointment(ctx, number)
		_, err2 := s.Recent(ctx, a.ID, 10)
		if !errors.Is(errors.Join(err1, err2), store.ErrSealed) {
			t.Errorf("%s was opened: %v, %v", c.what, err1, err2)
		}
		must(t, s.Close())
	}
}

// TestUnreadableReplyKeepsNobodyWaiting: a reply that cannot be opened is
// buried, and the others leave.
func TestUnreadableReplyKeepsNobodyWaiting(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := open(t, dir)
	tell(t, s)
	b, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: "other"}, monday)
	must(t, err)
	must(t, s.Commit(ctx, func(tx bot.Tx) error {
		_, err := tx.Enqueue(0, bot.Outgoing{Citizen: b.ID, Due: monday, From: "bot", Reply: bot.Reply{Text: "好"}}, 0)
		return err
	}))
	must(t, s.Close())
	_, err = database(t, dir).Exec("UPDATE outbox SET body = zeroblob(40) WHERE citizen <> ?", b.ID)
	must(t, err)
	s = open(t, dir)
	defer func() { must(t, s.Close()) }()
	rows, err := s.LeaseDue(ctx, monday, time.Minute, 10)
	if err != nil || len(rows) != 1 || rows[0].Reply.Text != "好" {
		t.Fatalf("leased %+v: %v", rows, err)
	}
	must(t, s.Sent(ctx, rows[0].ID))
	if rows, err := s.LeaseDue(ctx, monday.Add(time.Hour), time.Minute, 10); err != nil || len(rows) != 0 {
		t.Fatalf("an hour later %+v: %v", rows, err)
	}
}

// TestWrongKeyIsRefused: records open with the key they were sealed with only,
// and a missing key is not replaced beside records.
func TestWrongKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	tell(t, s)
	must(t, s.Close())
	file := filepath.Join(dir, "data.key")
	right, err := os.ReadFile(file)
	must(t, err)
	other := filepath.Join(t.TempDir(), "other.key")
	must(t, os.WriteFile(other, []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))), 0o600))
	for _, readOnly := range []bool{false, true} {
		if _, err := store.Open(context.Background(), store.Options{Dir: dir, KeyFile: other, ReadOnly: readOnly}); !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("another key, reading only %v: %v", readOnly, err)
		}
	}
	must(t, os.WriteFile(file, []byte("not a key"), 0o600))
	if _, err := store.Open(context.Background(), store.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "32 bytes") {
		t.Errorf("a spoilt key: %v", err)
	}
	must(t, os.Remove(file))
	if _, err := store.Open(context.Background(), store.Options{Dir: dir}); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("a missing key: %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a new key was made beside records: %v", err)
	}
	must(t, os.WriteFile(file, right, 0o600))
	must(t, open(t, dir).Close())
}

// TestForgottenKeyIsGone: after Forget the wrapped key stands in no file, so
// that the words stay closed even to who has the installation's key.
func TestForgottenKeyIsGone(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := open(t, dir)
	c, _, file := tell(t, s)
	var wrapped []byte
	must(t, database(t, dir).QueryRow("SELECT key FROM citizen WHERE id = ?", c.ID).Scan(&wrapped))
	key := map[string]string{"key": string(wrapped)}
	if len(written(t, dir, key)) == 0 {
		t.Fatal("the key is nowhere before it is destroyed")
	}
	must(t, s.Forget(ctx, c.ID))
	if found := written(t, dir, key); len(found) != 0 {
		t.Errorf("after forgetting: %v", found)
	}
	if _, err := s.Lines(ctx, c.ID, 0, 10); !errors.Is(err, store.ErrForgotten) {
		t.Errorf("words: %v", err)
	}
	if _, _, err := s.Attachment(ctx, file); err == nil { // files are deleted with the key
		t.Error("the attachment can still be read")
	}
	must(t, s.Close())
	s = open(t, dir)
	if _, err := s.Recent(ctx, c.ID, 10); !errors.Is(err, store.ErrForgotten) {
		t.Errorf("words after reopening: %v", err)
	}
	must(t, s.Close())
}

// TestOneOwner: a second process is refused while the first owns the directory.
func TestOneOwner(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := store.Open(context.Background(), store.Options{Dir: dir}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second owner: %v", err)
	}
	reader, err := store.Open(context.Background(), store.Options{Dir: dir, ReadOnly: true})
	must(t, err)
	if _, err := reader.AllAppointments(context.Background()); err != nil {
		t.Errorf("reading beside the owner: %v", err)
	}
	must(t, errors.Join(reader.Close(), s.Close()))
}
