package store

import (
	"database/sql"
	"errors"
	"testing"

	"guanjia/bot"
)

// TestAuditShowsTampering changes the trail behind the store's back in every
// way there is.
func TestAuditShowsTampering(t *testing.T) {
	for name, how := range map[string][]string{
		"a row rewritten":        {"DROP TRIGGER audit_kept", "UPDATE audit SET actor = 'nobody' WHERE seq = 2"},
		"a time moved":           {"DROP TRIGGER audit_kept", "UPDATE audit SET at = at + 1 WHERE seq = 1"},
		"a row taken out":        {"DROP TRIGGER audit_stays", "DELETE FROM audit WHERE seq = 2"},
		"the end cut off":        {"DROP TRIGGER audit_stays", "DELETE FROM audit WHERE seq = 3"},
		"all of it gone":         {"DROP TRIGGER audit_stays", "DELETE FROM audit"},
		"the head taken":         {"DELETE FROM installation WHERE name = 'audit'"},
		"columns' border moved":  {"DROP TRIGGER audit_kept", "UPDATE audit SET actor = 'an', deed = 'nopen' WHERE seq = 1"},
		"two rows change places": {"DROP TRIGGER audit_kept", "UPDATE audit SET seq = 9 WHERE seq = 1", "UPDATE audit SET seq = 1 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 9"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(t.Context(), Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			for _, subject := range []string{"p1", "p2", "p3"} {
				if err := s.Audit(t.Context(), bot.AuditEntry{At: bot.SystemClock(), Actor: "ann", Deed: "open", Subject: subject}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			tamper(t, dir, how)
			if s, err = Open(t.Context(), Options{Dir: dir, ReadOnly: true}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.VerifyAudit(t.Context()); !errors.Is(err, ErrAudit) {
				t.Errorf("it stands: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func tamper(t *testing.T, dir string, how []string) {
	t.Helper()
	db, err := sql.Open("sqlite3", dir+"/"+databaseFile)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range how {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// TestAuditIsOnlyAddedTo holds that the database itself refuses to change it.
func TestAuditIsOnlyAddedTo(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Audit(t.Context(), bot.AuditEntry{At: bot.SystemClock(), Actor: "a", Deed: "b"}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"UPDATE audit SET actor = ''", "DELETE FROM audit"} {
		if err := s.writer.commit(t.Context(), func(tx *Tx) error { _, err := tx.exec(query); return err }); err == nil {
			t.Errorf("%s went through", query)
		}
	}
}
