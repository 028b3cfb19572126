package main

import (
	"context"
	"errors"
	"fmt"

	"guanjia/bot/store"
	"guanjia/channels/desk"
)

// auditCommand is `guanjia audit`.
type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Hold the audit trail against its chain; exit 1 if it was changed."`
	List   auditListCommand   `cmd:"" help:"Show the audit trail."`
}

type auditVerifyCommand struct{}

func (c *auditVerifyCommand) run(ctx context.Context, p *program) error {
	return p.withRecords(ctx, func(s *store.Store) error {
		n, last, err := s.VerifyAudit(ctx)
		if errors.Is(err, store.ErrAudit) {
			return err
		}
		if err != nil {
			return fmt.Errorf("verify audit trail: %w", err)
		}
		_, err = fmt.Fprintf(p.con.out, "%d entries stand; last hash %s\n", n, firstOf(last, "none"))
		return err
	})
}

// verifyTrail is the same for the desk's page.
func (s *service) verifyTrail(ctx context.Context) (desk.Verdict, error) {
	n, last, err := s.house.store.VerifyAudit(ctx)
	if errors.Is(err, store.ErrAudit) {
		return desk.Verdict{Entries: n, Fault: fmt.Sprintf("第 %d 条起和写下时不一样，或者少了后面的记录（%v）", max(n, 1), err)}, nil
	}
	if err != nil {
		return desk.Verdict{}, fmt.Errorf("verify audit trail: %w", err)
	}
	return desk.Verdict{Entries: n, Last: last}, nil
}

type auditListCommand struct {
	Subject string `help:"Only what was done to this id." placeholder:"ID"`
	JSON    bool   `help:"A JSON object a line."`
}

// auditPage is how many entries are read at once.
const auditPage = 1000

func (c *auditListCommand) run(ctx context.Context, p *program) error {
	return p.withRecords(ctx, func(s *store.Store) error {
		for after := int64(0); ; {
			entries, err := s.AuditTrail(ctx, c.Subject, after, auditPage)
			if err != nil {
				return err
			}
			for _, e := range entries {
				after = e.Seq
				if c.JSON {
					err = printJSON(p.con.out, map[string]any{"seq": e.Seq, "at": stamp(e.At), "actor": e.Actor, "deed": e.Deed, "subject": e.Subject, "reason": e.Reason})
				} else {
					_, err = fmt.Fprintf(p.con.out, "%d\t%s\t%s\t%s\t%s\t%s\n", e.Seq, stamp(e.At), e.Actor, e.Deed, e.Subject, e.Reason)
				}
				if err != nil {
					return err
				}
			}
			if len(entries) < auditPage {
				return nil
			}
		}
	})
}
