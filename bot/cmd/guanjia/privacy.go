package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"guanjia/bot"
	"guanjia/bot/jobs"
	"guanjia/bot/privacy"
	"guanjia/config"
)

// privacyTerms are for what and how long each kind of data is kept.
func privacyTerms() ([]privacy.Term, error) {
	all, err := config.Terms()
	if err != nil {
		return nil, err
	}
	terms := make([]privacy.Term, len(all))
	for i, t := range all {
		terms[i] = privacy.Term{Kind: privacy.Kind(t.Kind), Title: t.Title, Purpose: t.Purpose, Days: t.Days, Until: t.Until}
	}
	return terms, nil
}

// prune is timed work: what is past its term goes, once a day, at night.
func (h *house) prune() jobs.Task {
	return jobs.Task{Name: "prune", Do: every(24*time.Hour, func(ctx context.Context, now time.Time) error {
		gone, err := h.store.Prune(ctx, h.terms, now)
		if len(gone) > 0 {
			h.log.Info("past its term", "rows", gone)
		}
		return err
	})}
}

// ownData is what the pages let citizens do about their own data.
type ownData struct{ *house }

func (d ownData) Terms() []privacy.Term { return d.terms }

func (d ownData) Account(ctx context.Context, id bot.CitizenID) ([]privacy.Held, error) {
	return d.store.Account(ctx, id)
}

// Copy writes a ZIP: a JSON file with all words and records, and the files
// that the citizen sent.
func (d ownData) Copy(ctx context.Context, id bot.CitizenID, w io.Writer) error {
	c, err := d.store.CopyOf(ctx, id, d.clock())
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	into, err := out.CreateHeader(&zip.FileHeader{Name: "我的数据.json", Method: zip.Deflate, Modified: c.At})
	if err == nil {
		enc := json.NewEncoder(into)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(c)
	}
	for _, f := range c.Attachments {
		if err != nil {
			break
		}
		if into, err = out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store, Modified: f.At}); err == nil {
			_, err = into.Write(f.Data)
		}
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("write citizen's copy: %w", err)
	}
	return nil
}

func (d ownData) Rename(ctx context.Context, id bot.CitizenID, name bot.Secret) error {
	return d.engine.InTurn(ctx, id, func() error { return d.store.Rename(ctx, id, name, d.clock()) })
}

func (d ownData) Unfollow(ctx context.Context, id bot.CitizenID) error {
	return d.store.Commit(ctx, func(tx bot.Tx) error {
		_, err := d.store.UnfollowPolicies(ctx, tx, id, d.clock())
		return err
	})
}

func (d ownData) Consents(ctx context.Context, id bot.CitizenID) ([]privacy.Separate, error) {
	return d.store.Consents(ctx, id)
}

func (d ownData) Withdraw(ctx context.Context, id bot.CitizenID, consent string) (p privacy.Proof, err error) {
	err = d.engine.InTurn(ctx, id, func() error {
		p, err = d.store.WithdrawConsent(ctx, id, consent, d.clock())
		return err
	})
	return p, err
}

func (d ownData) Erase(ctx context.Context, id bot.CitizenID) (p privacy.Proof, err error) {
	err = d.engine.InTurn(ctx, id, func() error {
		p, err = d.store.Erase(ctx, id, d.clock())
		return err
	})
	return p, err
}
