package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
)

// TestBackupWhileWriting copies the records while citizens write: everything
// acknowledged before is in the copy, which opens in another directory with
// the key and with no other.
func TestBackupWhileWriting(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := open(t, dir)
	told := func(n int) bot.Address { return bot.Address{Channel: bot.WeChat, ID: fmt.Sprintf("o%d", n)} }
	write := func(n int) {
		c, err := s.Identify(ctx, told(n), monday)
		must(t, err)
		must(t, s.Commit(ctx, func(tx bot.Tx) error {
			_, err := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: monday, Text: fmt.Sprint("话", n)})
			return err
		}))
	}
	const before = 50
	for n := range before {
		write(n)
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					write(1000*(w+1) + n)
				}
			}
		})
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	digest, err := s.Backup(ctx, file)
	close(stop)
	writers.Wait()
	if err != nil || len(digest) != 64 {
		t.Fatalf("backup: %q %v", digest, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy's mode: %v %v", info, err)
	}
	if _, err := s.Backup(ctx, file); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	if err := store.Restore(ctx, file, store.Options{Dir: dir}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("into a directory in use: %v", err)
	}
	must(t, s.Close())
	if err := store.Restore(ctx, file, store.Options{Dir: dir}); !errors.Is(err, store.ErrRecordsThere) {
		t.Errorf("over records: %v", err)
	}

	other := t.TempDir()
	if err := store.Restore(ctx, file, store.Options{Dir: other}); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("without a key: %v", err)
	}
	key, err := os.ReadFile(filepath.Join(dir, "data.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(other, "data.key"), key, 0o600))
	must(t, store.Restore(ctx, file, store.Options{Dir: other}))
	s = open(t, other)
	for n := range before {
		lines, err := s.Transcript(ctx, told(n), 0, 5)
		if err != nil || len(lines) != 1 || lines[0].Text != fmt.Sprint("话", n) {
			t.Fatalf("citizen %d of the copy: %v %v", n, lines, err)
		}
	}
	write(1) // the copy goes on
	must(t, s.Close())
}

func TestNoSoundBackup(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := open(t, dir)
	tell(t, s)
	file := filepath.Join(t.TempDir(), "copy.db")
	_, err := s.Backup(ctx, file)
	must(t, err)
	must(t, s.Close())
	raw, err := os.ReadFile(file)
	must(t, err)
	key, err := os.ReadFile(filepath.Join(dir, "data.key"))
	must(t, err)
	for name, damage := range map[string][]byte{
		"cut": raw[:len(raw)/2], "empty": {}, "words": []byte("this is no database, nor was it ever meant to be one of those"),
		"scribbled": append(append(append([]byte{}, raw[:8192]...), make([]byte, 4096)...), raw[12288:]...),
	} {
		other := t.TempDir()
		must(t, os.WriteFile(filepath.Join(other, "data.key"), key, 0o600))
		bad := filepath.Join(t.TempDir(), "bad.db")
		must(t, os.WriteFile(bad, damage, 0o600))
		if err := store.Restore(ctx, bad, store.Options{Dir: other}); err == nil {
			t.Errorf("%s: it was taken", name)
		}
		if _, err := os.Stat(filepath.Join(other, "guanjia.db")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: something was left: %v", name, err)
		}
	}
}
