package store

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"guanjia/bot"
)

// ErrAudit means that the audit trail is not what was written.
var ErrAudit = errors.New("audit trail was changed")

// auditHead names the installation row that holds how long the trail is and its
// last hash, so that cutting its end off shows as well.
const auditHead = "audit"

// Audit adds an entry to the trail in a commit of its own. Entries hold ids
// and never words or particulars.
func (s *Store) Audit(ctx context.Context, e bot.AuditEntry) error {
	err := s.writer.commit(ctx, func(t *Tx) error { return t.Audit(e) })
	if err != nil {
		return fmt.Errorf("write audit trail: %w", err)
	}
	return nil
}

// Audit adds an entry to the trail in the caller's commit.
func (t *Tx) Audit(e bot.AuditEntry) error {
	_, _, err := t.audited(e)
	return err
}

// audited is Audit that tells the entry's number and hash.
//
// It leaves the part light: every look at a conversation is in the trail, and
// none should wait for the tables. What a part adds is the trail's end for those
// after it only when the part has succeeded.
func (t *Tx) audited(e bot.AuditEntry) (seq int64, hash []byte, err error) {
	end, err := t.trailEnd()
	if err != nil {
		return 0, nil, err
	}
	e.Seq = end.seq + 1
	hash = t.s.ring.link(end.hash, e)
	t.later("INSERT INTO audit (seq, at, actor, deed, subject, reason, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		e.Seq, millis(e.At), e.Actor, e.Deed, e.Subject, e.Reason, hash)
	t.later("INSERT INTO installation (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
		auditHead, t.s.ring.head(e.Seq, hash))
	t.trail = &trailHead{e.Seq, hash}
	return e.Seq, hash, nil
}

// trailEnd is where the trail ends for this part.
func (t *Tx) trailEnd() (trailHead, error) {
	switch {
	case t.trail != nil:
		return *t.trail, nil
	case t.w.trail != nil:
		return *t.w.trail, nil
	}
	var end trailHead
	_, err := t.row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", nil, &end.seq, &end.hash)
	return end, err
}

// link is an entry's hash: an HMAC of the one before and of all it says, with
// SHA-256 or SM3 (see digests), under a key of the installation. Who has the
// database alone cannot write a trail.
func (k *keyring) link(last []byte, e bot.AuditEntry) []byte {
	h := hmac.New(k.digests.hash, k.audit)
	h.Write(last)
	number := func(n int64) { binary.Write(h, binary.BigEndian, n) }
	number(e.Seq)
	number(millis(e.At))
	for _, text := range []string{e.Actor, e.Deed, e.Subject, e.Reason} {
		number(int64(len(text)))
		h.Write([]byte(text))
	}
	return h.Sum(nil)
}

// head is the trail's length and last hash, sealed.
func (k *keyring) head(seq int64, hash []byte) []byte {
	return k.wrap("installation.body", auditHead, binary.BigEndian.AppendUint64(append([]byte(nil), hash...), uint64(seq)))
}

// VerifyAudit reads the whole trail and holds it against its chain. It returns
// how many entries stand and the last one's hash in hex, to be kept elsewhere
// and compared another day; the error wraps ErrAudit and names the first entry
// that is not what was written. Entries may be added meanwhile.
func (s *Store) VerifyAudit(ctx context.Context) (entries int64, last string, err error) {
	head, err := s.auditHead(ctx)
	if err != nil {
		return 0, "", err
	}
	var hash, at []byte // at the head
	err = s.rows(ctx, "SELECT seq, at, actor, deed, subject, reason, hash FROM audit ORDER BY seq", func(scan func(...any) error) error {
		e, written, err := scanAudit(scan)
		if err != nil {
			return err
		}
		entries++
		if e.Seq != entries {
			return fmt.Errorf("%w: entry %d is missing", ErrAudit, entries)
		}
		if want := s.ring.link(hash, e); !hmac.Equal(want, written) {
			return fmt.Errorf("%w: entry %d", ErrAudit, e.Seq)
		}
		if hash = written; e.Seq == head.seq {
			at = written
		}
		return nil
	})
	switch {
	case err != nil:
		return entries, "", err
	case head.seq == 0 && entries > 0: // it was begun meanwhile, or its head was taken away
		if head, err = s.auditHead(ctx); err == nil && head.seq == 0 {
			err = fmt.Errorf("%w: its head is missing", ErrAudit)
		}
		if err != nil {
			return entries, "", err
		}
		return s.VerifyAudit(ctx)
	case !hmac.Equal(at, head.hash):
		return entries, "", fmt.Errorf("%w: it ends before its last entry", ErrAudit)
	}
	return entries, hex.EncodeToString(hash), nil
}

// trailHead is how long the trail is, and its last hash.
type trailHead struct {
	seq  int64
	hash []byte
}

// auditHead reads the trail's head; it is empty where there is none.
func (s *Store) auditHead(ctx context.Context) (h trailHead, err error) {
	stmt, err := s.read(ctx, "SELECT body FROM installation WHERE name = $1")
	if err != nil {
		return h, err
	}
	var sealed []byte
	err = stmt.QueryRowContext(ctx, auditHead).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return h, nil
	}
	if err != nil {
		return h, fmt.Errorf("read the trail's head: %w", err)
	}
	head, err := s.ring.unwrap("installation.body", auditHead, sealed)
	if err != nil || len(head) < 8 {
		return h, fmt.Errorf("%w: its head is not what was written", ErrAudit)
	}
	cut := len(head) - 8
	return trailHead{int64(binary.BigEndian.Uint64(head[cut:])), head[:cut]}, nil
}

// AuditLike lists entries before a number, newest first.
func (s *Store) AuditLike(ctx context.Context, like bot.AuditLike, before int64, limit int) ([]bot.AuditEntry, error) {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !like.From.IsZero() {
		from = millis(like.From)
	}
	if !like.To.IsZero() {
		to = millis(like.To)
	}
	var out []bot.AuditEntry
	err := s.rows(ctx, `SELECT seq, at, actor, deed, subject, reason, hash FROM audit WHERE seq < $1 AND ($2 = '' OR actor = $2) AND ($3 = '' OR deed = $3)
		AND ($4 = '' OR subject = $4) AND at >= $5 AND at < $6 ORDER BY seq DESC LIMIT $7`,
		func(scan func(...any) error) error {
			e, _, err := scanAudit(scan)
			out = append(out, e)
			return err
		}, before, like.Actor, like.Deed, like.Subject, from, to, limit)
	if err != nil {
		return nil, fmt.Errorf("read audit trail: %w", err)
	}
	return out, nil
}

// AuditTrail lists entries after a number, oldest first; subject, if not
// empty, selects what was done to one.
func (s *Store) AuditTrail(ctx context.Context, subject string, after int64, limit int) ([]bot.AuditEntry, error) {
	var out []bot.AuditEntry
	err := s.rows(ctx, "SELECT seq, at, actor, deed, subject, reason, hash FROM audit WHERE seq > $1 AND ($2 = '' OR subject = $2) ORDER BY seq LIMIT $3",
		func(scan func(...any) error) error {
			e, _, err := scanAudit(scan)
			out = append(out, e)
			return err
		}, after, subject, limit)
	if err != nil {
		return nil, fmt.Errorf("read audit trail: %w", err)
	}
	return out, nil
}

// LastDeed is the last entry of a deed, where there is one.
func (s *Store) LastDeed(ctx context.Context, deed string) (e bot.AuditEntry, found bool, err error) {
	err = s.rows(ctx, "SELECT seq, at, actor, deed, subject, reason, hash FROM audit WHERE deed = $1 ORDER BY seq DESC LIMIT 1",
		func(scan func(...any) error) (err error) {
			e, _, err = scanAudit(scan)
			found = err == nil
			return err
		}, deed)
	if err != nil {
		return e, false, fmt.Errorf("read audit trail: %w", err)
	}
	return e, found, nil
}

func scanAudit(scan func(...any) error) (e bot.AuditEntry, hash []byte, err error) {
	var at int64
	err = scan(&e.Seq, &at, &e.Actor, &e.Deed, &e.Subject, &e.Reason, &hash)
	e.At = time.UnixMilli(at).In(bot.Shanghai())
	return e, hash, err
}
